"""Whatever a server answers to whatever a client asks, it is noted."""

import random
from collections import defaultdict

import pytest

from helpers.record import Record
from helpers.recorder.accidents import Accidents
from helpers.recorder.conversation import Conversation
from helpers.recorder.resp import Passage

from .test_resp import VALUES

COMMANDS = [
    "GET a",
    "subscribe a b",
    "PSUBSCRIBE n*",
    "UNSUBSCRIBE",
    "MULTI",
    "EXEC",
    "DISCARD",
    "RESET",
    "MONITOR",
    "HELLO 3 AUTH ann pass SETNAME ann",
    "HELLO",
    "AUTH pass",
    "CLIENT SETNAME bob",
    "CLIENT",
    "CLIENT REPLY OFF",
    "CLIENT SETINFO LIB-NAME tool(1)",
    "SELECT 1",
    "ACL SETUSER kim on >pass",
    "CONFIG GET *",
    "CONFIG",
    "BLPOP a 0",
    "PING",
]
REPLIES = [
    *VALUES,
    b"+QUEUED\r\n",
    b">3\r\n+subscribe\r\n+a\r\n:1\r\n",
    b"*3\r\n$11\r\nunsubscribe\r\n$-1\r\n:0\r\n",
    b"*4\r\n$8\r\npmessage\r\n$2\r\nn*\r\n$4\r\nnews\r\n$2\r\nhi\r\n",
    b"*2\r\n*2\r\n$1\r\na\r\n,1\r\n*0\r\n",
    b"-ERR unknown command 'AUHT', with args beginning with: 'pass'\r\n",
]


@pytest.mark.parametrize("seed", range(50))
def test_no_answer_is_too_strange(seed: int) -> None:
    choose, record = random.Random(seed), Record()
    accidents: defaultdict[str, Accidents] = defaultdict(Accidents)
    talk = Conversation(record, lambda library: f"{library} 1", accidents.__getitem__)
    for _ in range(200):
        for _ in range(choose.randrange(3)):
            talk.ask(choose.choice(COMMANDS).split())
        for value, _ in Passage().feed(choose.choice(REPLIES)):
            talk.answer(value)
    talk.end(is_loss=True)
    assert record.commands
    assert "pass" not in str([(c.words, c.reply) for c in record.commands])
