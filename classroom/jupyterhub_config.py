"""A hub for a room, on one machine: `make hub`.

JupyterHub reads this file, after publish/hub.py has looked at the settings. Each learner has a
server, and a home in my_class/homes/, which gets the lessons as Binder and `make lab` lay them
down. All servers run as whoever started the hub, so learners are not protected from each other:
docs/rooms.md says for whom that is right.
COURSE_PASSWORD is what everybody logs in with; without it one is made up, printed, and kept in
my_class/password while the hub runs. COURSE_CLASS and COURSE_BROKER are passed on. What HUB_ARGS
holds are options of JupyterHub: --ip, --port.
"""

import asyncio
import atexit
import contextlib
import logging
import os
import secrets
import shutil
import socket
import sys
import tempfile
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # JupyterHub runs this file by its path
from publish.hub import class_folder
from publish.lab import FIRST, WHERE, variables
from publish.working_copies import lay_down

CLASS = class_folder()
HOMES = CLASS / "homes"
PASSWORD = CLASS / "password"
READY = "JupyterHub is now running"  # what the hub's log says then
PATIENCE = 300  # seconds: thirty servers that start at once on two cores are slow, not broken
IDLE = 1800  # seconds, after which a kernel ends that no page shows
# Servers that start at once: more would all be ready late, and none early. The others wait in line.
TURNS = asyncio.Semaphore(2 * (os.cpu_count() or 1))
PORTS = range(10_000, 32_000)  # below those that Linux or macOS gives to whoever asks for any
HUB, PROXY = 998, 999  # stand for a learner's number where a port inside is chosen
WATCHING: set[asyncio.Task] = set()


async def prepare(spawner) -> None:
    """Wait for a turn, then fill the home. The hub starts the server after that."""
    await TURNS.acquire()
    watching = asyncio.create_task(give_back_turn(spawner))
    WATCHING.add(watching)
    watching.add_done_callback(WATCHING.discard)
    spawner.port = free_port(spawner.user.id)
    await fill_home(spawner)


async def give_back_turn(spawner) -> None:
    """Let the next learner's server start when this one is ready, or has failed."""
    while spawner.pending == "spawn":
        await asyncio.sleep(0.2)  # the hub sends no word of it
    TURNS.release()


def free_port(learner: int) -> int:
    """Return a port of this learner's own that is free. Raises OSError where none is.

    JupyterHub would take one that the system hands out, and let it go: until the learner's server
    binds it, seconds later, any program may be given the same. The system hands out none of these.
    """
    for port in range(PORTS.start + learner % 1000, PORTS.stop, 1000):
        with socket.socket() as tried, contextlib.suppress(OSError):
            tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            tried.bind(("127.0.0.1", port))
            return port
    raise OSError(f"no port is free for number {learner}")


async def fill_home(spawner) -> None:
    """Lay the lessons into a learner's home; what stops that is told on the learner's page."""
    home = Path(spawner.home_dir)
    try:
        home.mkdir(exist_ok=True)
        for sentence in await asyncio.to_thread(lambda: list(lay_down(folder=home))):
            spawner.log.info("%s: %s", spawner.user.name, sentence)
    except OSError as error:
        error.jupyterhub_message = (
            f"Your home cannot be filled: {error.strerror}. Tell your instructor."
        )
        raise


def nickname(spawner) -> str:
    """Return what the class's stream calls a learner, if there is one: the name at the login."""
    return spawner.user.name if os.environ.get("COURSE_CLASS") else ""


def runtime_folder(spawner) -> str:
    """Return where a learner's kernels listen; the name of a socket must be short."""
    return f"{RUNTIME}/{spawner.user.id}"


def ends_with_hub(*command: str) -> list[str]:
    """Return a command whose process ends with the hub, even when that is killed (Linux only)."""
    setpriv = shutil.which("setpriv") if sys.platform == "linux" else None
    return [*([setpriv, "--pdeathsig", "TERM"] if setpriv else []), *command]


def password() -> str:
    """Return the room's password; one that nobody chose is told, and kept in a file meanwhile."""
    PASSWORD.unlink(missing_ok=True)
    if chosen := os.environ.get("COURSE_PASSWORD"):
        return chosen
    made = secrets.token_urlsafe(9)
    PASSWORD.touch(mode=0o600)
    PASSWORD.write_text(f"{made}\n")
    atexit.register(PASSWORD.unlink, missing_ok=True)
    told = f"The password of this class, for any name: {made} (kept in {PASSWORD})"
    print(told, file=sys.stderr)
    logging.getLogger("JupyterHub").addFilter(partial(tell_when_ready, told))
    return made


def tell_when_ready(told: str, record: logging.LogRecord) -> bool:
    """Say it once more below all that the hub writes while it starts; let every record through."""
    if str(record.msg).startswith(READY):
        print(told, file=sys.stderr)
    return True


HOMES.mkdir(mode=0o700, parents=True, exist_ok=True)
CLASS.chmod(0o700)
RUNTIME = tempfile.mkdtemp(prefix="hub-", dir="/tmp")  # macOS's own temporary folder is a long path
atexit.register(shutil.rmtree, RUNTIME, ignore_errors=True)

c = get_config()  # noqa: F821 (JupyterHub defines it)
c.JupyterHub.ip = "127.0.0.1"
# JupyterHub would take 8081 and 8001, and fail where another program, or another hub, is there.
c.JupyterHub.hub_port = free_port(HUB)
c.ConfigurableHTTPProxy.api_url = f"http://127.0.0.1:{free_port(PROXY)}"
c.JupyterHub.db_url = f"sqlite:///{CLASS / 'jupyterhub.sqlite'}"
c.JupyterHub.cookie_secret_file = str(CLASS / "cookie_secret")
c.ConfigurableHTTPProxy.pid_file = str(CLASS / "proxy.pid")
c.ConfigurableHTTPProxy.command = ends_with_hub(
    str(Path(sys.prefix) / "node_modules/.bin/configurable-http-proxy")
)

c.JupyterHub.authenticator_class = "shared-password"
c.SharedPasswordAuthenticator.user_password = password()
c.Authenticator.allow_all = True
c.Authenticator.username_pattern = r"\w[\w.-]{0,31}"  # it names a folder

c.JupyterHub.spawner_class = "simple"
c.SimpleLocalProcessSpawner.home_dir_template = str(HOMES / "{username}")
c.Spawner.cmd = ends_with_hub(sys.executable, "-m", "jupyterhub.singleuser")
# Kernels listen on files: a port would be anybody's until the kernel binds it, seconds after it was
# chosen, and thirty that start at once meet each other there.
c.Spawner.args = [
    "--KernelManager.transport=ipc",
    f"--MappingKernelManager.cull_idle_timeout={IDLE}",
]
c.Spawner.default_url = f"/lab/tree/{FIRST}"
c.Spawner.pre_spawn_hook = prepare
c.Spawner.env_keep = ["PATH", "LANG", "LC_ALL", "TMPDIR", "COURSE_BROKER", "COURSE_CLASS"]
c.Spawner.environment = {
    "COURSE_NICKNAME": nickname,
    "JUPYTER_RUNTIME_DIR": runtime_folder,
    **{name: variables()[name] for name in WHERE},
}
c.Spawner.start_timeout = c.Spawner.http_timeout = PATIENCE

if hasattr(os, "geteuid") and os.geteuid() == 0:
    print(
        "You are root, and so is every learner: use a user who owns nothing else.", file=sys.stderr
    )
    c.Spawner.args.append("--allow-root")
