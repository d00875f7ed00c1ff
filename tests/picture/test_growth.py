"""What a picture costs grows with what happened since the last one, not with its square.

Calls are counted, of Python and of C: the same in every run. `make bench` measures the time.
"""

import pytest

from helpers.picture import Flow
from helpers.picture.rows import Row
from helpers.picture.text import write
from helpers.record import Record, Unseen
from tools.bench import MOST_GROWTH, SHAPES, traffic
from tools.redraw import calls

FEW = 100


def pictured(news: Unseen) -> None:
    steps, earlier = news.since_last()
    Flow(steps, news.record.clients, earlier)._repr_mimebundle_()


def told(record: Record) -> int:
    news = Unseen(record)
    return calls(lambda: pictured(news))


@pytest.mark.parametrize("shape", SHAPES.values(), ids=list(SHAPES))
async def test_ten_times_the_commands_cost_about_ten_times_as_much(shape: list[str]) -> None:
    few, many = told(await traffic(shape, FEW)), told(await traffic(shape, 10 * FEW))
    assert few > FEW
    assert many / few < MOST_GROWTH


@pytest.mark.parametrize("shape", SHAPES.values(), ids=list(SHAPES))
async def test_what_was_told_is_not_told_again(shape: list[str]) -> None:
    costs = []
    for commands in (FEW, 10 * FEW):
        record = await traffic(shape, commands)
        news = Unseen(record)
        pictured(news)
        again = record.sent("ann", record.commands[0].connection, ("RPUSH", "q", "more"), 0)
        again.answered, again.reply = True, 1
        record.ended(again)
        costs.append(calls(lambda news=news: pictured(news)))
    assert costs[0] == costs[1]


def test_ten_times_the_lines_of_text_cost_about_ten_times_as_much() -> None:
    rows = [Row("command", "shop", f"RPUSH orders job-{number}", "1") for number in range(10 * FEW)]
    few, many = calls(lambda: write(rows[:FEW])), calls(lambda: write(rows))
    assert few > FEW
    assert many / few < MOST_GROWTH
