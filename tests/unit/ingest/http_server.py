"""A scripted HTTP server on loopback: it answers as it is told, and notes what it was asked. No sleeps."""

from __future__ import annotations

import contextlib
import http.server
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field


@dataclass
class Asked:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Answering:
    """`reply` gives status, body and headers of each question."""

    reply: Callable[[Asked], tuple[int, bytes, dict[str, str]]] = lambda _: (204, b"", {})
    asked: list[Asked] = field(default_factory=list)
    connections: int = 0
    hang_up: bool = False  # after an answer, without saying so
    url: str = ""


@contextlib.contextmanager
def serving(stage: Answering) -> Iterator[Answering]:
    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def setup(self) -> None:
            super().setup()
            stage.connections += 1

        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            asked = Asked(self.command, self.path, dict(self.headers), body)
            stage.asked.append(asked)
            status, said, headers = stage.reply(asked)
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)
            if stage.hang_up:
                self.close_connection = True

        do_GET = do_POST = answer  # noqa: N815 # the names that the base looks for

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 # the base's name
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.005}, daemon=True)
        thread.start()
        stage.url = f"http://127.0.0.1:{server.server_address[1]}"
        try:
            yield stage
        finally:
            server.shutdown()
            thread.join()
