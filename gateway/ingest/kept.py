"""One HTTP connection that is kept: a request and its answer, tried once more where the kept one had been closed."""

from __future__ import annotations

import contextlib
import http.client
import ssl
from dataclasses import dataclass
from urllib.parse import urlsplit

from gateway.ingest.writer import WriteFailed

LOOPBACK = ("localhost", "127.0.0.1", "::1")
_MOST = 64 << 20  # bytes of an answer that are read


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    reason: str
    body: bytes
    after: str = ""  # its Retry-After
    version: str = ""  # its X-Influxdb-Version

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")


class Connection:
    """To one server. Not for two threads at once."""

    def __init__(self, url: str, timeout_s: float) -> None:
        parts = urlsplit(url)
        self._secure, self._host, self._port = parts.scheme == "https", parts.hostname or "", parts.port
        self._prefix, self._timeout_s = parts.path.rstrip("/"), timeout_s
        self._kept: http.client.HTTPConnection | None = None
        self.local = self._host in LOOPBACK

    def ask(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> Answer:
        """One answer, whatever its status. Raises WriteFailed, `gone`, where there is none."""
        fresh = self._kept is None
        try:
            return self._once(method, path, body, headers)
        except (http.client.HTTPException, OSError) as error:
            self.close()
            if fresh or isinstance(error, TimeoutError):
                raise self._gone(error) from error
        try:  # the other side may close a connection that was idle: that is no failure
            return self._once(method, path, body, headers)
        except (http.client.HTTPException, OSError) as error:
            self.close()
            raise self._gone(error) from error

    def _once(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> Answer:
        if self._kept is None:
            self._kept = self._dial()
        self._kept.request(method, self._prefix + path, body, headers)
        with contextlib.closing(self._kept.getresponse()) as answer:
            said = answer.read(_MOST)
            after, version = answer.getheader("Retry-After", ""), answer.getheader("X-Influxdb-Version", "")
            if answer.will_close:
                self._kept = None
            return Answer(answer.status, answer.reason, said, after, version)

    def _dial(self) -> http.client.HTTPConnection:
        if self._secure:
            context = ssl.create_default_context()
            return http.client.HTTPSConnection(
                self._host, self._port, timeout=self._timeout_s, context=context
            )
        return http.client.HTTPConnection(self._host, self._port, timeout=self._timeout_s)

    def _gone(self, error: Exception) -> WriteFailed:
        what = str(error) or type(error).__name__
        where = self._host if self._port is None else f"{self._host}:{self._port}"
        return WriteFailed(f"{where}: {what}"[:300], gone=True)

    def close(self) -> None:
        """Let go of it; the next question dials anew."""
        if self._kept is not None:
            self._kept.close()
            self._kept = None
