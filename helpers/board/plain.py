"""What the page of a board shows, as plain data without a name or an answer before its time."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from .model import Board
from .vote import Vote, all_asked

Plain = dict[str, Any]


def plain(board: Board) -> Plain:
    """Return what anybody in the room may see."""
    return {
        "vote": _vote(board.vote, board.shows_right),
        "chosen": board.chosen.key if board.chosen else "",
        "showsRight": board.shows_right,
        "showsNames": board.shows_names,
        "stuck": board.stuck,
        "exercises": [asdict(each) for each in board.exercises],
        "group": board.group,
        "trouble": board.trouble,
    }


def names(board: Board) -> list[Plain]:
    """Return where each learner is; nobody, while names are hidden."""
    return [asdict(each) for each in board.learners]


def questions() -> list[Plain]:
    """Return what can be voted on, lesson by lesson."""
    return [
        {"lesson": lesson, "asked": [{"key": each.key, "label": each.label} for each in asked]}
        for lesson, asked in all_asked()
    ]


def _vote(vote: Vote, shows_right: bool) -> Plain:
    shares = [
        {
            "text": share.text,
            "count": share.count,
            "percent": share.percent,
            "isRight": shows_right and share.is_right,
        }
        for share in vote.shares
    ]
    told = {"label": vote.asked.label, "text": vote.text, "summary": vote.summary}
    return told | {"shares": shares}
