"""Every claim has a row, every row is still said, and every proof exists and holds."""

import ast
import asyncio
from pathlib import Path

import pytest
import redis

from helpers import broker
from helpers.broker import choice
from helpers.broker.servers import start_server
from helpers.cli import Terminal
from helpers.waiting import until_blocked
from publish.lesson import lessons
from tests.claims.claims import ROOT, claims
from tests.claims.proofs import OFFICIAL, Proof, every_proof, rows
from tests.differential.scenarios import all_scenarios
from tests.real_servers import each_server, is_at_least

LESSONS = [str(lesson.number) for lesson in lessons(ROOT / "notebooks")]
ADVICE_AT_MOST = 0.4  # of a lesson's rows


@pytest.mark.parametrize("lesson", LESSONS)
def test_every_claim_has_a_row(lesson: str) -> None:
    proved = rows(lesson)
    missing = [f"{c.where}: {c.sentence}" for c in claims(lesson) if c.sentence not in proved]
    assert not missing, f"without a row in {_file(lesson)}:\n" + "\n".join(missing)


@pytest.mark.parametrize("lesson", LESSONS)
def test_every_row_is_still_said(lesson: str) -> None:
    said = {claim.sentence for claim in claims(lesson)}
    gone = [sentence for sentence in rows(lesson) if sentence not in said]
    assert not gone, f"in {_file(lesson)}, and said nowhere:\n" + "\n".join(gone)


def _file(lesson: str) -> str:
    return f"tests/claims/lesson_{lesson}.tsv (sentence, tab, proof: see tests/claims/proofs.py)"


@pytest.mark.parametrize("lesson", LESSONS)
def test_most_claims_are_more_than_advice(lesson: str) -> None:
    kinds = [proofs[0].kind for proofs in rows(lesson).values()]
    assert kinds.count("advice") <= ADVICE_AT_MOST * len(kinds)


def test_what_a_proof_names_exists() -> None:
    course = lessons(ROOT / "notebooks")
    code_cells = {cell.id for lesson in course for cell in lesson.code if cell.outputs}
    scenarios = {scenario.name for scenario in all_scenarios()}
    known = {
        "cell": code_cells.__contains__,
        "scenario": scenarios.__contains__,
        "test": _is_a_test,
        "page": lambda address: bool(OFFICIAL.fullmatch(address)),
        "server": lambda what: " → " in what,
        "redis-8.2": lambda what: " → " in what,
        "python": lambda what: " → " in what,
        "advice": lambda what: not what,
    }
    lost = [
        f"{lesson}: {sentence}: {proof.kind} {proof.what}"
        for lesson, sentence, proof in every_proof()
        if not known[proof.kind](proof.what)
    ]
    assert not lost, "\n".join(lost)


def _is_a_test(name: str) -> bool:
    path, _, function = name.partition("::")
    file = ROOT / path
    if not file.is_file() or not function.startswith("test_"):
        return False
    tree = ast.parse(file.read_text(encoding="utf-8"))
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return function in {node.name for node in ast.walk(tree) if isinstance(node, kinds)}


@each_server()
async def test_what_a_server_can_answer_it_does(
    program: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = start_server(program)
    where = server.options
    chosen = broker.Broker("server", server.url, server.version, where, where, lambda: None)
    monkeypatch.setattr(choice, "_chosen", ("embedded", chosen))
    kinds = {"server", "redis-8.2"} if is_at_least(server.version, "Redis 8.2") else {"server"}
    with redis.Redis(**where) as cleaner:
        wrong = await _wrong(kinds, cleaner.flushall)
    server.stop()
    assert not wrong, "\n".join(wrong)


async def test_the_embedded_broker_answers_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choice, "_chosen", ("embedded", choice._embedded()))
    with broker.broker().blocking_client() as cleaner:
        wrong = await _wrong({"server", "redis-8.2"}, cleaner.flushall)
    assert not [w for w in wrong if "needs a real server" not in w], "\n".join(wrong)


async def _wrong(kinds: set[str], clean: object) -> list[str]:
    wrong = []
    for lesson, sentence, proof in every_proof():
        if proof.kind in kinds:
            clean()
            told = await _typed(proof)
            if told != proof.expected:
                wrong.append(f"{lesson}: {sentence}\n  {proof.what}\n  answered: {told}")
    return wrong


async def _typed(proof: Proof) -> str:
    """Type the lines, and return what the last of them printed."""
    terminals = {name: Terminal(name) for name, _, _ in proof.lines}
    waits: dict[str, asyncio.Task[str]] = {}
    printed = ""
    async with asyncio.timeout(10):
        for name, kind, line in proof.lines:
            if kind == "&":
                waits[name] = asyncio.create_task(terminals[name].type(line))
                await until_blocked(terminals[name])
            elif kind == "<":
                wait = waits.pop(name, None)
                printed = await (wait or terminals[name].arrived()) or "nothing"
            else:
                printed = await terminals[name].type(line)
    for terminal in terminals.values():
        await terminal.close()
    await asyncio.gather(*waits.values())
    return " / ".join(printed.splitlines()).rstrip()


def test_what_python_can_answer_it_does() -> None:
    wrong = []
    for lesson, sentence, proof in every_proof():
        if proof.kind == "python":
            expression = proof.what.rpartition(" → ")[0]
            told = repr(eval(expression, {"redis": redis, "asyncio": asyncio}))
            if told != proof.expected:
                wrong.append(f"{lesson}: {sentence}\n  {expression} is {told}")
    assert not wrong, "\n".join(wrong)


def test_a_claim_without_a_row_and_a_row_without_a_claim_are_noticed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "lesson_1.tsv").write_text("Nobody says so.\tadvice\n", encoding="utf-8")
    monkeypatch.setattr("tests.claims.proofs.HERE", tmp_path)
    with pytest.raises(AssertionError, match=r"quiz 1\.1"):
        test_every_claim_has_a_row("1")
    with pytest.raises(AssertionError, match="Nobody says so"):
        test_every_row_is_still_said("1")
    (tmp_path / "lesson_1.tsv").write_text("So it is.\tserver PING → NO\n", encoding="utf-8")
    [(_, _, proof)] = every_proof()
    assert proof.lines == [("ann", ">", "PING")] and proof.expected == "NO"
