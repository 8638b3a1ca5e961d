"""A mail server for tests: RFC 5321 with STARTTLS (RFC 3207) and AUTH PLAIN (RFC 4954), on a loopback port of its own.

It keeps what it was given, and can be told to answer otherwise: `replies` has the answer to a command's next times.
"""

from __future__ import annotations

import base64
import contextlib
import socketserver
import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage

_LONGEST = 1000  # RFC 5321, 4.5.3.1.6


@dataclass
class Mailbox:
    """What a server took."""

    port: int = 0
    mails: list[EmailMessage] = field(default_factory=list)
    envelopes: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)
    users: list[tuple[str, str]] = field(default_factory=list)
    secure: list[bool] = field(default_factory=list)  # by mail: whether it came over TLS
    replies: dict[str, list[str]] = field(default_factory=dict)  # by command, instead of its own
    sessions: int = 0


class _Session(socketserver.StreamRequestHandler):
    timeout = 30
    box: Mailbox
    tls: ssl.SSLContext | None
    password: str

    def handle(self) -> None:
        self.box.sessions += 1
        self.sender, self.over_tls, self.signed_in = "", False, False
        self.to: list[str] = []
        self.secured: ssl.SSLSocket | None = None
        try:
            with contextlib.suppress(ConnectionError, TimeoutError, ssl.SSLError):
                self.converse()
        finally:
            if self.secured is not None:
                self.secured.close()

    def converse(self) -> None:
        self.say("220 mail.test ready")
        while line := self.rfile.readline(_LONGEST).decode("ascii").strip():
            word, _, rest = line.partition(" ")
            if not self.answer(word.upper(), rest):
                return

    def finish(self) -> None:
        with contextlib.suppress(OSError):
            super().finish()

    def say(self, text: str) -> None:
        self.wfile.write(text.encode() + b"\r\n")
        self.wfile.flush()

    def answer(self, word: str, rest: str) -> bool:
        """Whether the conversation goes on."""
        scripted = self.box.replies.get(word, [])
        if scripted:
            reply = scripted.pop(0)
            if reply == "hang up":
                return False
            self.say(reply)
            return True
        does = getattr(self, f"on_{word.lower()}", None)
        if does is None:
            self.say("502 5.5.1 not here")
        else:
            does(rest)
        return word != "QUIT"

    def on_ehlo(self, _: str) -> None:
        offers = ["mail.test", "8BITMIME"]
        offers += ["STARTTLS"] if self.tls and not self.over_tls else []
        offers += ["AUTH PLAIN"] if self.over_tls or not self.tls else []
        for each in offers[:-1]:
            self.say(f"250-{each}")
        self.say(f"250 {offers[-1]}")

    def on_starttls(self, _: str) -> None:
        if self.tls is None:
            self.say("502 5.5.1 not here")
            return
        self.say("220 go ahead")
        self.secured = self.tls.wrap_socket(self.connection, server_side=True, do_handshake_on_connect=False)
        self.secured.do_handshake()
        self.rfile, self.wfile = self.secured.makefile("rb"), self.secured.makefile("wb")
        self.over_tls = True

    def on_auth(self, rest: str) -> None:
        _, user, password = base64.b64decode(rest.removeprefix("PLAIN ")).decode().split("\0")
        self.box.users.append((user, password))
        self.signed_in = password == self.password
        self.say("235 welcome" if self.signed_in else "535 5.7.8 wrong password")

    def on_mail(self, rest: str) -> None:
        self.sender = rest[rest.index("<") + 1 : rest.index(">")]
        self.say("250 ok" if self.signed_in or not self.password else "530 5.7.0 sign in first")

    def on_rcpt(self, rest: str) -> None:
        self.to.append(rest[rest.index("<") + 1 : rest.index(">")])
        self.say("250 ok")

    def on_data(self, _: str) -> None:
        self.say("354 go on")
        self.take()

    def on_rset(self, _: str) -> None:
        self.say("250 ok")

    on_noop = on_rset

    def on_quit(self, _: str) -> None:
        self.say("221 bye")

    def take(self) -> None:
        lines = []
        while (line := self.rfile.readline(_LONGEST + 2)) != b".\r\n":
            lines.append(line.removeprefix(b"."))  # RFC 5321, 4.5.2
        mail = message_from_bytes(b"".join(lines), policy=policy.default)
        assert isinstance(mail, EmailMessage)
        self.box.mails.append(mail)
        self.box.secure.append(self.over_tls)
        self.box.envelopes.append((self.sender, tuple(self.to)))
        self.to = []
        self.say("250 taken")


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False


@contextlib.contextmanager
def mail_server(tls: ssl.SSLContext | None = None, password: str = "") -> Iterator[Mailbox]:
    """A server until the block ends; with `tls` it offers STARTTLS, with `password` it wants one."""
    box = Mailbox()
    session = type("Session", (_Session,), {"box": box, "tls": tls, "password": password})
    with _Server(("127.0.0.1", 0), session) as server:
        box.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield box
        finally:
            server.shutdown()
            thread.join()
