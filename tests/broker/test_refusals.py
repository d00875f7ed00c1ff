"""What is wrong with COURSE_BROKER is said in one sentence, soon, and without a password."""

import os
import shutil
import socket
import socketserver
import ssl
import subprocess
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
import redis

from helpers import broker
from helpers.broker import choice, servers
from helpers.broker.servers import Server, start_server
from helpers.errors import CourseError

from ..real_servers import is_free, until

pytestmark = pytest.mark.skipif(os.name != "posix", reason="real servers have no Windows package")

PASSWORD = "hunter2-and-more"
LIMIT = 5.0  # seconds


@pytest.fixture(autouse=True)
def no_broker() -> Iterator[None]:
    yield
    broker.close()


@pytest.fixture
def server() -> Iterator[Server]:
    server = start_server(password="")
    yield server
    server.stop()


def refusal(address: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """Return the sentence that COURSE_BROKER=address is refused with."""
    monkeypatch.setenv("COURSE_BROKER", address)
    start = time.monotonic()
    with pytest.raises(CourseError) as caught:
        broker.named_client("ann")
    assert time.monotonic() - start < LIMIT
    sentence = str(caught.value)
    assert "\n" not in sentence
    assert sentence.endswith(".")
    assert sentence.count(". ") == 0, "more than one sentence"
    everything = "".join(traceback.format_exception(caught.value)) + repr(caught.value)
    assert PASSWORD not in everything
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None
    return sentence


@pytest.mark.parametrize(
    "address",
    [
        "embeded",
        "Server",
        "http://localhost:6379",
        "localhost:6379",
        f"redis://:{PASSWORD}#x@localhost:6379",
        f"redis://:{PASSWORD}/x@localhost:6379",
        f"redis://user:12?{PASSWORD}@localhost:6379",
        f"redis://user:12/{PASSWORD}@localhost:6379",
        f"redis://user:{PASSWORD}@localhost:port",
        f"redis://user:{PASSWORD}@localhost:99999",
        f"redis://user:{PASSWORD}@localhost/orders",
        f"redis://user:{PASSWORD}@localhost?db=one",
        f"redis://user:{PASSWORD}@[::1",
        "unix://",
    ],
)
def test_what_is_no_address_is_refused(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "neither embedded, nor server, nor a valid address" in refusal(address, monkeypatch)


def test_an_unknown_option_is_refused(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    address = f"{server.url}?password={PASSWORD}&colour=red"
    assert "an option that redis-py does not know" in refusal(address, monkeypatch)


def test_a_port_where_nothing_listens(monkeypatch: pytest.MonkeyPatch) -> None:
    address = f"redis://:{PASSWORD}@127.0.0.1:{servers._free_port()}"
    assert "No server listens at redis://127.0.0.1:" in refusal(address, monkeypatch)


def test_a_socket_that_is_not_there(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    address = f"unix://{tmp_path}/redis.sock?password={PASSWORD}"
    assert "No server listens at unix://" in refusal(address, monkeypatch)


def test_a_host_that_does_not_exist(monkeypatch: pytest.MonkeyPatch) -> None:
    address = f"redis://:{PASSWORD}@redis.invalid:6379"
    assert "has no such host" in refusal(address, monkeypatch)


def test_a_host_name_that_is_looked_up_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = threading.Event()
    monkeypatch.setattr(choice, "ANSWER_LIMIT", 0.2)
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: asked.wait(10))
    assert "does not answer" in refusal("redis://redis.invalid:6379", monkeypatch)
    asked.set()


def test_a_port_that_accepts_and_stays_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"redis://:{PASSWORD}@127.0.0.1:{silent.getsockname()[1]}"
        assert "does not answer" in refusal(address, monkeypatch)


@pytest.mark.parametrize("user", ["", f":{PASSWORD}@", f"ann:{PASSWORD}@"])
def test_a_missing_or_wrong_password(user: str, monkeypatch: pytest.MonkeyPatch) -> None:
    server = start_server(password="correct")
    address = f"redis://{user}127.0.0.1:{server.port}"
    assert "does not accept the user name and password" in refusal(address, monkeypatch)
    server.stop()


def test_a_password_where_none_is_wanted(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """Redis lets the default user in with any password; another user must exist."""
    address = f"redis://ann:{PASSWORD}@127.0.0.1:{server.port}"
    assert "does not accept the user name and password" in refusal(address, monkeypatch)


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        ("~* &* +@all -info", "run INFO"),
        ("~* &* +@all -subscribe", "run SUBSCRIBE"),
        ("~* &* +@all -xreadgroup", "run XREADGROUP"),
        ("~* &* +@all -blmove", "run BLMOVE"),
        ("~* &* +@all -client|list", "run CLIENT LIST"),
        ("~* &* +@all -@connection +auth +hello", "run "),
        ("~app:* &* +@all", "use all keys and channels"),
        ("~* &app:* +@all", "use all keys and channels"),
    ],
)
def test_a_user_who_may_not_do_what_is_needed(
    rules: str, said: str, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    with redis.Redis(port=server.port) as client:
        client.execute_command("ACL", "SETUSER", "ann", "on", f">{PASSWORD}", *rules.split())
        address = f"redis://ann:{PASSWORD}@127.0.0.1:{server.port}"
        assert f"does not let this user {said}" in refusal(address, monkeypatch)
        assert client.dbsize() == 0


def test_a_user_who_may_do_what_is_needed(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    with redis.Redis(port=server.port) as client:
        rules = "~* &* +@all -@admin -@dangerous +client|list +info"
        client.execute_command("ACL", "SETUSER", "ann", "on", f">{PASSWORD}", *rules.split())
    monkeypatch.setenv("COURSE_BROKER", f"redis://ann:{PASSWORD}@127.0.0.1:{server.port}")
    ann = broker.named_client("ann")
    assert PASSWORD not in repr(ann)
    assert PASSWORD not in repr(broker.broker())
    assert broker.broker().url == f"redis://127.0.0.1:{server.port}/0"


def test_a_server_that_is_too_old(monkeypatch: pytest.MonkeyPatch) -> None:
    with _telling("redis_version:6.2.14\r\nredis_mode:standalone\r\nrole:master") as port:
        said = refusal(f"redis://:{PASSWORD}@127.0.0.1:{port}", monkeypatch)
    assert "runs Redis 6.2.14, and the course needs 7.0 or newer" in said


def test_a_node_of_a_cluster(monkeypatch: pytest.MonkeyPatch) -> None:
    server = start_server(password="", cluster_enabled="yes", cluster_port=servers._free_port())
    assert "belongs to a cluster" in refusal(server.url, monkeypatch)
    server.stop()


def test_a_replica(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    replica = start_server(password="", replicaof=f"127.0.0.1 {server.port}")
    assert "is a read-only replica" in refusal(replica.url, monkeypatch)
    replica.stop()


def test_a_sentinel(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    port = servers._free_port()
    settings = tmp_path / "sentinel.conf"
    settings.write_text(f"port {port}\nbind 127.0.0.1\ndir {tmp_path}\n")
    sentinel = subprocess.Popen(
        [servers.find_server(), settings, "--sentinel"], stdout=subprocess.DEVNULL
    )
    try:
        until(lambda: not is_free(port), "the sentinel to listen")
        assert "is a sentinel" in refusal(f"redis://127.0.0.1:{port}", monkeypatch)
    finally:
        sentinel.kill()
        sentinel.wait()


def test_tls_to_a_server_without(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choice, "ANSWER_LIMIT", 0.2)  # the server waits for the end of a line
    address = f"rediss://:{PASSWORD}@127.0.0.1:{server.port}"
    assert "write redis:// if it does not speak TLS" in refusal(address, monkeypatch)


def test_a_certificate_that_nobody_vouches_for(
    tls_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = f"rediss://:{PASSWORD}@127.0.0.1:{tls_port}"
    assert "The certificate of rediss://127.0.0.1:" in refusal(address, monkeypatch)


def test_no_tls_to_a_port_that_expects_it(tls_port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    address = f"redis://:{PASSWORD}@127.0.0.1:{tls_port}"
    assert "write rediss:// if it expects TLS" in refusal(address, monkeypatch)


def test_a_web_server(monkeypatch: pytest.MonkeyPatch) -> None:
    with _answering(lambda _: b"HTTP/1.1 400 Bad Request\r\n\r\n") as port:
        said = refusal(f"redis://:{PASSWORD}@127.0.0.1:{port}", monkeypatch)
    assert "is not a Redis server" in said


def test_a_port_that_closes_the_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    with _answering(lambda _: b"") as port:
        said = refusal(f"redis://:{PASSWORD}@127.0.0.1:{port}", monkeypatch)
    assert "closes the connection" in said


def test_something_that_repeats_the_password(monkeypatch: pytest.MonkeyPatch) -> None:
    with _answering(lambda request: b"-ERR " + request.replace(b"\r\n", b" ") + b"\r\n") as port:
        said = refusal(f"redis://:{PASSWORD}@127.0.0.1:{port}", monkeypatch)
    assert "refuses what the course asks first" in said


def test_a_database_that_holds_keys(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    with redis.Redis(port=server.port) as client:
        client.set("theirs", "1")
        said = refusal(server.url, monkeypatch)
        assert "holds keys already" in said
        assert "/1" in said
        assert client.keys("*") == [b"theirs"]
    monkeypatch.setenv("COURSE_BROKER", f"{server.url}/1")
    broker.named_client("ann")


def test_a_server_where_somebody_subscribes(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    for method in ("subscribe", "psubscribe", "ssubscribe"):
        with redis.Redis(port=server.port, db=1) as client, client.pubsub() as subscriber:
            getattr(subscriber, method)("their-channel")
            assert subscriber.get_message(timeout=5)
            said = refusal(server.url, monkeypatch)
            assert "Somebody else subscribes" in said
            assert redis.Redis(port=server.port).dbsize() == 0


@contextmanager
def _telling(info: str) -> Iterator[int]:
    """Listen as a server that answers INFO with this text, and +OK to all else."""
    body = info.encode()

    def answer(request: bytes) -> bytes:
        return (b"$%d\r\n%s\r\n" % (len(body), body)) if b"INFO" in request else b"+OK\r\n"

    with _answering(answer) as port:
        yield port


@contextmanager
def _answering(answer: Callable[[bytes], bytes]) -> Iterator[int]:
    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            while reply := answer(self.request.recv(4096)):
                self.request.sendall(reply)

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as listener:
        listener.daemon_threads = True
        threading.Thread(target=listener.serve_forever, args=[0.01], daemon=True).start()
        yield listener.server_address[1]
        listener.shutdown()


@pytest.fixture
def tls_port(tmp_path: Path) -> Iterator[int]:
    """Listen with a certificate that was signed by itself."""
    if not shutil.which("openssl"):
        pytest.skip("no openssl here to make a certificate")
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    subprocess.run(
        f"openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=localhost -days 1 "
        f"-keyout {key} -out {certificate}".split(),
        check=True,
        capture_output=True,
    )
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            with suppress(OSError):
                context.wrap_socket(self.request, server_side=True).close()

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as listener:
        threading.Thread(target=listener.serve_forever, args=[0.01], daemon=True).start()
        yield listener.server_address[1]
        listener.shutdown()
