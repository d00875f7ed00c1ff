"""Commands that repeat themselves are told once."""

from helpers.labs.commands import folded

ROUND = ["shop  PUBLISH news hello  → 0", "  └─▶ ann  message news hello"]


def test_what_differs_is_written_whole() -> None:
    lines = ["shop  RPUSH q a  → 1", "shop  RPUSH q b  → 2", "  └─▶ ann  RPUSH", "shop  LPOP q"]
    assert folded(lines) == lines


def test_what_is_alike_in_a_row_is_written_once_with_how_often_it_came() -> None:
    lines = folded([*ROUND * 10, "shop  LLEN q  → 0", *ROUND])
    assert lines == [*ROUND, "  … 9 more, all alike", "shop  LLEN q  → 0", *ROUND]


def test_the_same_command_with_another_answer_is_not_alike() -> None:
    lines = ["shop  PUBLISH news hello  → 0", *ROUND]
    assert folded(lines) == lines
