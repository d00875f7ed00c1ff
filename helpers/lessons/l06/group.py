"""What the exercises of lesson 6 share: a stream, its group, and the power that fails."""

from typing import Any

from ...exercises.trial import Trial
from ...exercises.verdict import counted, expect_same, missing

STREAM, GROUP, DEAD = "orders", "packing", "orders:dead"
COLLEAGUES = ("bob", "dave")
FORGOTTEN = "To delete a consumer is to forget what is pending for it: delete none that has work."
NOT_DONE = (
    "An order that handle could not do is lost once it is acknowledged: leave it pending, and let "
    "the error go on."
)
TRIMMED = "An entry without fields was trimmed: acknowledge it, and go on."


async def fill(trial: Trial, count: int, stream: str = STREAM) -> list[str]:
    """Add so many orders to a stream, one by one, and return them."""
    orders = trial.invent("order", count)
    for order in orders:
        await trial.side.xadd(stream, {"order": order})
    return orders


async def take(
    trial: Trial, name: str, count: int, stream: str = STREAM, group: str = GROUP
) -> list[tuple[str, dict[str, str]]]:
    """Let a consumer read new entries, and return them."""
    reply: Any = await trial.side.xreadgroup(group, name, {stream: ">"}, count=count)
    return reply[0][1] if reply else []


async def what_is_pending(trial: Trial) -> dict[str, str]:
    """Return who has which entry at hand, by the ids. Raises NotYet when the group is gone."""
    groups = [each["name"] for each in await trial.groups(STREAM)]
    hint = "Others need them too: acknowledge entries, and delete nothing."
    expect_same(f"the groups of `{STREAM}`", groups, [GROUP], hint)
    listed: Any = await trial.side.xpending_range(STREAM, GROUP, "-", "+", 10_000)
    return {entry["message_id"]: entry["consumer"] for entry in listed}


async def write(trial: Trial, orders: list[str]) -> list[str]:
    """Add orders at once, whose entries have other fields as well; return their ids."""
    entries = [{"order": order, "for": f"somebody, {order}", "pieces": "1"} for order in orders]
    return await trial.add(STREAM, [trial.shuffled(fields) for fields in entries])


def some_name(trial: Trial) -> str:
    """Invent a name for a worker."""
    shape = trial.random.choice(("packer-{}", "host:{}", "w{}", "bob-{}"))
    return shape.format(trial.random.randrange(1, 1000))


async def only_as(trial: Trial, *names: str) -> None:
    """Raise NotYet when somebody has worked as a consumer of another name."""
    listed: Any = await trial.side.xinfo_consumers(STREAM, GROUP)
    extra = missing([each["name"] for each in listed], [*names, *COLLEAGUES])
    hint = f"The consumer's name is what the function is given as `name`, here {names[0]!r}."
    expect_same(f"consumers of {GROUP} that nobody has started", extra, [], hint)


async def not_lost(
    trial: Trial, orders: dict[str, str], handled: list[Any], when: str
) -> dict[str, str]:
    """Return what is pending. Raises NotYet when an order is neither handled nor pending."""
    pending = await what_is_pending(trial)
    [group] = await trial.side.xinfo_groups(STREAM)
    taken = [i for i in orders if _place(i) <= _place(group["last-delivered-id"])]
    lost = [orders[i] for i in taken if i not in pending and orders[i] not in handled]
    expect_same(
        f"orders that are neither handled nor pending {when}",
        lost,
        [],
        (trial.sent("XGROUP DELCONSUMER") > 0, FORGOTTEN),
        ("raised an error" in when, NOT_DONE),
        "They are lost: XACK comes after handle, never before. To read with NOACK is to "
        "acknowledge at once.",
    )
    return pending


def _place(entry_id: str) -> tuple[int, ...]:
    return tuple(map(int, entry_id.split("-")))


def deaths(trial: Trial, jobs: int) -> list[tuple[int | None, tuple[int, str] | None]]:
    """List moments at which the power fails; other trials try what this one leaves out.

    They are after so many commands, or at the n-th call of handle, before its work. The last
    trial, of other data, tries none.
    """
    calls = [(None, (number, "before")) for number in range(1, jobs + 1)]
    all_of_them = [*calls, *((number, None) for number in range(1, 11))]
    return all_of_them[trial.number - 1 :: 3] if trial.gaps() else []


def told(commands: int | None, call: tuple[int, str] | None) -> str:
    """Say when the power failed, in words."""
    if commands:
        return f"when the power failed after {counted(commands, 'command')}"
    number, when = call or (0, "")
    return f"after the power failed {when} the work of call {number} of handle"
