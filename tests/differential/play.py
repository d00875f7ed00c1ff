"""Play a scenario on a broker and return what its clients saw."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

from .engines import Engine
from .replies import Error, read_reply, request, shown
from .scenario import Scenario, Step

DEADLINE = 5.0  # seconds; what should come comes in a few milliseconds
CLOSED = "(closed)"
NO_ANSWER = "(no answer)"
LONG_AGO = 1_500_000_000_000  # milliseconds since 1970: no count is as large


@dataclass
class Client:
    """A named connection of a scenario."""

    name: str
    reader: asyncio.StreamReader
    writer: Any
    deadline: float
    facts: dict[str, str] = field(default_factory=dict)
    waiting: bool = False  # a command was started, and its reply was not read yet
    last: Any = None

    def send(self, *words: str) -> None:
        self.writer.write(request(*words))

    async def read(self) -> Any:
        return await asyncio.wait_for(read_reply(self.reader), self.deadline)

    async def ask(self, *words: str) -> Any:
        self.send(*words)
        return await self.read()


class Play:
    """One scenario on one broker."""

    def __init__(
        self, engine: Engine, protocol: int, deadline: float = DEADLINE, pause: float = 0.0
    ) -> None:
        self._engine = engine
        self._protocol = protocol
        self._deadline = deadline
        self._pause = pause  # seconds before each step, for whoever asks what depends on time
        self._clients: dict[str, Client] = {}

    async def run(self, scenario: Scenario) -> list[str]:
        """Play every step; an answer that does not come ends the scenario."""
        self._observer = await self._connect("observer")
        await self._observer.ask("FLUSHALL")
        seen: list[str] = []
        try:
            for step in scenario.steps:
                if self._pause:
                    await asyncio.sleep(self._pause)
                seen.append(await self._step(step))
            seen += [await self._left_over(client) for client in self._clients.values()]
        except TimeoutError:
            seen.append(NO_ANSWER)
        finally:
            for client in (*self._clients.values(), self._observer):
                client.writer.close()
        return seen

    async def _step(self, step: Step) -> str:
        client = self._clients.get(step.client)
        if client is None:
            client = self._clients[step.client] = await self._connect(step.client)
        words = [self._filled(word) for word in step.words]
        if step.kind == ":":
            return self._filtered(step, await self._answer(client, words))
        if step.kind == "!":
            client.send(*words)
            return "sent"
        if step.kind == "~":
            client.send(*words)
            client.waiting = True
            return "blocked" if await self._until(self._is_blocked, client) else "never blocked"
        if step.kind == "<":
            return await self._read_more(client, words)
        if step.kind == "closes":
            client.writer.close()
            del self._clients[step.client]
            return "gone" if await self._until(self._is_gone, client) else "never gone"
        return str(await self._is_blocked(client))

    async def _connect(self, name: str) -> Client:
        client = Client(name, *await self._engine.connect(), self._deadline)
        if self._protocol == 3:
            await client.ask("HELLO", "3")
        await client.ask("CLIENT", "SETNAME", name)
        facts = await client.ask("CLIENT", "INFO")
        client.facts = dict(fact.split("=", 1) for fact in facts.split())
        return client

    async def _answer(self, client: Client, words: list[str]) -> Any:
        try:
            client.last = await client.ask(*words)
        except (EOFError, ConnectionError):
            return CLOSED
        return client.last

    async def _read_more(self, client: Client, words: list[str]) -> str:
        how_many = int(words[-1]) if words and words[-1].isdigit() else 1
        try:
            messages = [shown(await client.read()) for _ in range(how_many)]
        except (EOFError, ConnectionError):
            return CLOSED
        client.waiting = False
        return " ".join(sorted(messages) if "sorted" in words else messages)

    async def _left_over(self, client: Client) -> str:
        """Read what no step has read: everything before the answer to one last command."""
        if client.waiting:
            return f"{client.name}: blocked {await self._is_blocked(client)}"
        try:
            client.send("PING", "the-end")
            messages = [shown(await client.read())]
            while "the-end" not in messages[-1] and "QUEUED" not in messages[-1]:
                messages.append(shown(await client.read()))
        except (EOFError, ConnectionError):
            return f"{client.name}: {CLOSED}"
        return f"{client.name}: {' '.join(messages)}"

    async def _until(self, question: Any, client: Client) -> bool:
        give_up = asyncio.get_running_loop().time() + self._deadline
        while not await question(client):
            if asyncio.get_running_loop().time() > give_up:
                return False
        return True

    async def _is_blocked(self, client: Client) -> bool:
        return "b" in (await self._flags()).get(client.facts["id"], "")

    async def _is_gone(self, client: Client) -> bool:
        return client.facts["id"] not in await self._flags()

    async def _flags(self) -> dict[str, str]:
        """The flags of CLIENT LIST by client id."""
        lines = (await self._observer.ask("CLIENT", "LIST")).splitlines()
        facts = [dict(fact.split("=", 1) for fact in line.split(" ")) for line in lines]
        return {client["id"]: client["flags"] for client in facts}

    def _filled(self, word: str) -> str:
        for name, client in self._clients.items():
            for fact, value in {**client.facts, "last": str(client.last)}.items():
                word = word.replace(f"{{{name}.{fact}}}", value)
        return word

    def _filtered(self, step: Step, reply: Any) -> str:
        if not step.filter:
            return shown(reply)
        how, *names = step.filter
        if how == "masked":
            return type(reply).__name__
        if how == "sorted" and isinstance(reply, list):
            return shown(sorted(reply))
        if how == "tens" and isinstance(reply, int):
            return shown(round(reply, -1))
        if how == "timeless":
            return shown(_timeless(reply))
        if how == "columns" and isinstance(reply, list):
            return shown([[row[int(at)] for at in names] for row in reply])
        if how == "rows" and isinstance(reply, list):
            return shown([_fields(row, tuple(names)) for row in reply])
        if isinstance(reply, Error):
            return shown(reply)
        return shown(_fields(reply, step.filter))


def _fields(reply: Any, names: tuple[str, ...]) -> Any:
    """Pick fields of CLIENT LIST (lines of named clients), of INFO, or of a map."""
    if isinstance(reply, dict):
        return {name: reply.get(name) for name in names}
    if isinstance(reply, list):
        return _fields(dict(zip(reply[::2], reply[1::2], strict=False)), names)
    if "id=" in reply:
        lines = [dict(fact.split("=", 1) for fact in line.split()) for line in reply.splitlines()]
        named = [line for line in lines if line.get("name") not in ("", "observer")]
        return sorted([line.get(name) for name in names] for line in named)
    facts = dict(line.split(":", 1) for line in reply.splitlines() if ":" in line)
    return [facts.get(name) for name in names]


def _timeless(reply: Any) -> Any:
    """Hide every moment, given in milliseconds since 1970, in a reply of any depth."""
    if isinstance(reply, dict):
        return {name: _timeless(value) for name, value in reply.items()}
    if isinstance(reply, list):
        return [_timeless(item) for item in reply]
    return "(a moment)" if isinstance(reply, int) and reply > LONG_AGO else reply


def play(
    scenario: Scenario, engine: Engine, protocol: int, deadline: float = DEADLINE
) -> list[str]:
    """Play a scenario on a broker under RESP2 or RESP3."""
    return asyncio.run(Play(engine, protocol, deadline).run(scenario))
