"""The model of a cluster answers as real nodes do, step by step."""

import asyncio
import re
from typing import Any

import pytest
from redis.asyncio import Redis

from embedded_redis import open_connection
from embedded_redis.cluster import CLUSTER_RULES, start_model
from helpers.cluster.cluster import MODEL, REAL, Cluster
from helpers.cluster.real import start_real_nodes
from helpers.errors import REAL_SERVER
from tests.differential.engines import REAL as SERVERS
from tests.differential.engines import binaries, why_missing
from tests.differential.play import DEADLINE, NO_ANSWER, Client, Play
from tests.differential.scenario import Scenario, Step

from .cluster_scenarios import SIX_NODES, THREE_NODES

PROTOCOLS = (2, 3)
IMPATIENT = 0.3  # seconds that a model without a rule has to answer


class ClusterPlay(Play):
    """A scenario played on nodes; on real ones each counter is read once it has settled."""

    def __init__(self, cluster: Cluster, protocol: int, deadline: float) -> None:
        super().__init__(None, protocol, deadline)
        self._cluster = cluster
        self._nodes = {name: _Door(cluster, name) for name in cluster.nodes}

    async def _connect(self, name: str) -> Client:
        self._engine = self._nodes.get(name[-1], self._nodes["A"])  # the observer has no letter
        return await super()._connect(name)

    async def _step(self, step: Step) -> str:
        if step.words[:2] == ("CLUSTER", "INFO"):
            await self._settle()
        return self._masked(await super()._step(step))

    async def _left_over(self, client: Client) -> str:
        await self._settle()
        return self._masked(await super()._left_over(client))

    async def _settle(self) -> None:
        if self._cluster.kind == REAL:
            await self._cluster.settled()

    def _masked(self, text: str) -> str:
        return re.sub(r"127\.0\.0\.1:(\d+)", self._named, text)

    def _named(self, address: re.Match[str]) -> str:
        return "node " + self._cluster.node_at(("127.0.0.1", int(address[1])))


class _Door:
    """Where clients connect to one node."""

    def __init__(self, cluster: Cluster, name: str) -> None:
        self._options = cluster._nodes[name].options

    async def connect(self) -> tuple[asyncio.StreamReader, Any]:
        if "server" in self._options:
            return open_connection(self._options["server"])
        reader, writer = await asyncio.open_connection(self._options["host"], self._options["port"])
        writer.write(b"AUTH %b\r\n" % self._options["password"].encode())
        assert await reader.readline() == b"+OK\r\n"
        return reader, writer


async def transcript(
    cluster: Cluster, scenarios: tuple[Scenario, ...], deadline: float = DEADLINE
) -> list[list[str]]:
    """Play scenarios under RESP2, then under RESP3; the counters of the nodes go on."""
    return [
        await ClusterPlay(cluster, protocol, deadline).run(scenario)
        for protocol in PROTOCOLS
        for scenario in scenarios
    ]


def differences(
    engine: str, scenarios: tuple[Scenario, ...], real: list[list[str]], model: list[list[str]]
) -> list[str]:
    """Say where the model differs from real nodes, and which listed differences are gone."""
    found = []
    for scenario, theirs, ours in zip(scenarios * len(PROTOCOLS), real, model, strict=True):
        notes = [(step.text, engine in step.differs) for step in scenario.steps]
        notes += [("at the end", False)] * (len(theirs) - len(notes))
        for (text, listed), their, our in zip(notes, theirs, ours, strict=True):
            if (their != our) != listed:
                found.append(f"{text}\n  {engine}: {their}\n  model: {our}  (listed: {listed})")
    return found


async def told(cluster: Cluster) -> list[Any]:
    """Ask each node about the cluster; ids, ports and times are masked, and nodes come in order."""
    askers = {name: cluster.connect(name, "asker") for name in cluster.nodes}
    masks = {await asker.cluster("MYID"): f"id of {name}" for name, asker in askers.items()}
    masks |= {str(cluster.address(name)[1]): f"port of {name}" for name in cluster.nodes}
    return [
        sorted(_masked(each, masks) for each in _each(await asker.cluster(question)))
        for asker in askers.values()
        for question in ("NODES", "SLOTS", "SHARDS")
    ]


def _each(reply: Any) -> list[str]:
    items = reply.items() if isinstance(reply, dict) else reply
    return [str(item) for item in items]


def _masked(text: str, masks: dict[str, str]) -> str:
    text = re.sub(r"'(last_ping_sent|last_pong_rcvd)': '\d+'", r"'\1': time", text)
    text = re.sub(r"}], 'id': '\w+'}", "}]}", text)  # Valkey names shards too
    return re.sub(r"\w+", lambda word: masks.get(word[0], word[0]), text)


async def real_cluster(engine: str, count: int) -> Cluster:
    nodes, stop = await start_real_nodes(count, binaries()[engine])
    return Cluster(REAL, engine, nodes, stop, unwatched)


def modelled(count: int, rules: tuple[type, ...] = CLUSTER_RULES) -> Cluster:
    return Cluster(MODEL, "", *start_model(count, rules, REAL_SERVER), unwatched)


def unwatched(client: Redis) -> Redis:
    return client


async def compare(engine: str, count: int, scenarios: tuple[Scenario, ...]) -> list[str]:
    async with await real_cluster(engine, count) as real, modelled(count) as model:
        theirs, ours = await transcript(real, scenarios), await transcript(model, scenarios)
        assert await told(real) == await told(model)
    assert NO_ANSWER not in str(theirs)
    return differences(engine, scenarios, theirs, ours)


@pytest.mark.parametrize("engine", SERVERS)
async def test_modelled_nodes_answer_as_real_ones(engine: str) -> None:
    if why := why_missing(engine):
        pytest.skip(why)
    both = compare(engine, 3, THREE_NODES), compare(engine, 6, (SIX_NODES,))
    with_three, with_six = await asyncio.gather(*both)
    assert "\n".join(with_three) == ""
    assert "\n".join(with_six) == ""


async def test_a_command_of_a_script_may_not_leave_its_slot() -> None:
    """No scenario: after this, Valkey 9.1.2 refuses every script that comes later."""
    async with modelled(3) as cluster:
        client = await ClusterPlay(cluster, 2, DEADLINE)._connect("shopA")
        words = "EVAL", "return redis.pcall('MGET', 'b', 'orders')", "0"
        refused = (
            "ERR Command 'mget' in script attempted to access keys that don't hash to the same"
        )
        assert await client.ask(*words) == f"{refused} slot"  # by Redis 8.2.3 and 8.6.2, too


@pytest.mark.parametrize("rule", CLUSTER_RULES, ids=lambda rule: rule.__name__)
async def test_every_rule_is_needed(rule: type) -> None:
    proofs = tuple(scenario for scenario in THREE_NODES if rule.__name__ in scenario.proves)
    without = tuple(other for other in CLUSTER_RULES if other is not rule)
    async with modelled(3, without) as broken, modelled(3) as whole:
        seen = await transcript(broken, proofs, IMPATIENT)
        assert seen != await transcript(whole, proofs), f"no scenario proves {rule.__name__}"
