"""What a learner's browser says to a hub: a login, a page, a notebook, and its cells."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import aiohttp
from yarl import URL

SILENCE = 300.0  # seconds without a byte, after which a request counts as failed
_HIDDEN = re.compile(r'name="_xsrf" value="([^"]+)"')

Message = dict[str, Any]


class Browser:
    """One learner's cookies, and the requests that JupyterHub's and JupyterLab's pages make."""

    def __init__(self, session: aiohttp.ClientSession, address: str, name: str) -> None:
        self.session, self.address, self.name = session, address, name

    @property
    def home(self) -> str:
        return f"{self.address}/user/{self.name}"

    async def log_in(self, password: str) -> None:
        """Fill in the form; the hub starts a server then."""
        page = f"{self.address}/hub/login?next=/hub/spawn"
        async with self.session.get(page) as form:
            hidden = _HIDDEN.search(await form.text())
        said = {"username": self.name, "password": password, "_xsrf": hidden[1] if hidden else ""}
        async with self.session.post(page, data=said) as reply:
            reply.raise_for_status()

    async def wait_for_server(self) -> None:
        """Read the progress that the hub tells while a server starts. Raises RuntimeError."""
        url = f"{self.address}/hub/api/users/{self.name}/server/progress"
        async with self.session.get(url, params=self._mark("/hub/")) as events:
            events.raise_for_status()
            async for line in events.content:
                told = json.loads(line[5:]) if line.startswith(b"data:") else {}
                if told.get("failed"):
                    raise RuntimeError(f"the server did not start: {told.get('message')}")
                if told.get("ready"):
                    return
        raise RuntimeError("the hub told of no server that is ready")

    async def open_lab(self, path: str) -> None:
        """Open JupyterLab on a file; its server asks the hub who this is."""
        async with self.session.get(f"{self.home}/lab/tree/{path}") as page:
            page.raise_for_status()
            await page.read()

    async def ask(self, method: str, path: str, said: Any = None) -> Any:
        """Make a request to the learner's own server; return what its reply holds."""
        marks = {"X-XSRFToken": self._mark(f"/user/{self.name}/")["_xsrf"]}
        async with self.session.request(
            method, f"{self.home}/api/{path}", json=said, headers=marks
        ) as reply:
            reply.raise_for_status()
            return json.loads(await reply.read() or b"null")

    @asynccontextmanager
    async def kernel(self, path: str) -> AsyncIterator[Kernel]:
        """Start the kernel of a notebook, and hold a websocket to it."""
        session = await self.ask("POST", "sessions", {
            "path": path, "name": path, "type": "notebook", "kernel": {"name": "python3"},
        })  # fmt: skip
        url = f"{self.home}/api/kernels/{session['kernel']['id']}/channels"
        marks = self._mark(f"/user/{self.name}/") | {"session_id": session["id"]}
        async with self.session.ws_connect(url, params=marks, max_msg_size=0) as socket:
            yield Kernel(socket, session["id"])

    def _mark(self, path: str) -> dict[str, str]:
        cookies = self.session.cookie_jar.filter_cookies(URL(self.address + path))
        return {"_xsrf": cookies["_xsrf"].value}


class Kernel:
    """The kernel of one notebook, at the other end of a websocket."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse, session: str) -> None:
        self._socket, self._session = socket, session

    async def run(self, source: str) -> list[Message]:
        """Run a cell; return the messages by which it showed something."""
        asked = self._request(source)
        await self._socket.send_json(asked)
        messages, missing = [], {"reply", "idle"}
        while missing:
            message = await self._socket.receive_json(timeout=SILENCE)
            if message["parent_header"].get("msg_id") != asked["header"]["msg_id"]:
                continue
            messages.append(message)
            if message["msg_type"] == "execute_reply":
                missing.discard("reply")
            if message["content"].get("execution_state") == "idle":
                missing.discard("idle")
        return messages

    def _request(self, source: str) -> Message:
        header = {
            "msg_id": uuid4().hex,
            "msg_type": "execute_request",
            "session": self._session,
            "username": "",
            "version": "5.3",
        }
        content = {"code": source, "silent": False, "store_history": True, "allow_stdin": False,
                   "user_expressions": {}, "stop_on_error": True}  # fmt: skip
        return {"header": header, "parent_header": {}, "metadata": {}, "content": content,
                "channel": "shell", "buffers": []}  # fmt: skip


@asynccontextmanager
async def new_browser(address: str, name: str) -> AsyncIterator[Browser]:
    """Open a browser that nobody has used yet."""
    jar = aiohttp.CookieJar(unsafe=True, quote_cookie=False)  # unsafe: the host is a number
    patience = aiohttp.ClientTimeout(total=None, sock_read=SILENCE)
    async with aiohttp.ClientSession(cookie_jar=jar, timeout=patience) as session:
        yield Browser(session, address, name)
