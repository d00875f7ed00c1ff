"""Serve the browser edition on this machine: python -m publish.lite.server [FOLDER] [PORT]

As GitHub Pages does: below a folder of its own, text and WebAssembly compressed, and each file kept
by the browser for ten minutes.
"""

import argparse
import gzip
import sys
from functools import cache
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

BELOW = "/redis-message-broker-course"
COMPRESSED = {".css", ".html", ".ipynb", ".js", ".json", ".md", ".mjs", ".svg", ".wasm"}
KEPT = 600  # seconds


class Site(ThreadingHTTPServer):
    """A web server on loopback for one folder; `sent` counts the bytes of its answers."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, folder: Path, port: int = 0) -> None:
        self.folder = folder.resolve()
        self.sent = 0
        super().__init__(("127.0.0.1", port), _Page)

    @property
    def url(self) -> str:
        """The address of the first page."""
        return f"http://127.0.0.1:{self.server_port}{BELOW}/"


class _Page(SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Site
    extensions_map = SimpleHTTPRequestHandler.extensions_map | {
        ".ipynb": "application/json",
        ".js": "text/javascript",
        ".mjs": "text/javascript",
        ".wasm": "application/wasm",
        ".webmanifest": "application/manifest+json",
        ".whl": "application/zip",
    }

    def do_GET(self) -> None:
        path = self._file()
        if path is None:
            return self._answer(HTTPStatus.NOT_FOUND, b"There is no such page.", {})
        stamp = path.stat()
        tag = f'"{stamp.st_mtime_ns:x}-{stamp.st_size:x}"'
        headers = {"ETag": tag, "Cache-Control": f"max-age={KEPT}"}
        if self.headers.get("If-None-Match") == tag:
            return self._answer(HTTPStatus.NOT_MODIFIED, b"", headers)
        headers["Content-Type"] = self.guess_type(str(path))
        small = path.suffix in COMPRESSED and "gzip" in self.headers.get("Accept-Encoding", "")
        if small:
            headers["Content-Encoding"] = "gzip"
        self._answer(HTTPStatus.OK, (_compressed if small else _plain)(path, tag), headers)

    def _file(self) -> Path | None:
        address = self.path.partition("?")[0]
        if not address.startswith(BELOW + "/"):
            return None
        path = Path(self.translate_path(address.removeprefix(BELOW)))
        path = path / "index.html" if path.is_dir() else path
        return path if path.is_file() else None

    def translate_path(self, path: str) -> str:
        self.directory = str(self.server.folder)
        return super().translate_path(path)

    def _answer(self, status: HTTPStatus, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.server.sent += len(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: a page asks for two hundred files."""


@cache
def _plain(path: Path, tag: str) -> bytes:
    return path.read_bytes()


@cache
def _compressed(path: Path, tag: str) -> bytes:
    return gzip.compress(path.read_bytes(), compresslevel=6, mtime=0)


def main(arguments: list[str]) -> int:
    """Serve until Ctrl+C, and return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m publish.lite.server")
    parser.add_argument("folder", nargs="?", type=Path, default=Path("build/lite"))
    parser.add_argument("port", nargs="?", type=int, default=8000)
    asked = parser.parse_args(arguments)
    if not (asked.folder / "index.html").exists():
        print(
            f"There is no browser edition in {asked.folder}: make lite builds it.", file=sys.stderr
        )
        return 1
    try:
        site = Site(asked.folder, asked.port)
    except (OSError, OverflowError):  # taken, not for this user, or no number of a port
        print(
            f"Port {asked.port} cannot be had: name another, make lite-serve PORT=8010.",
            file=sys.stderr,
        )
        return 1
    print(f"The browser edition is at {site.url} (Ctrl+C ends it)", flush=True)
    try:
        site.serve_forever()
    except KeyboardInterrupt:
        pass
    finally:
        site.server_close()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
