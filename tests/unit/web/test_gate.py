"""The door to other machines: TLS and nothing else, shut before somebody has an account, unhurt by whatever comes."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import ssl

import pytest
import uvicorn

from gateway.clock import SystemClock, VirtualClock
from gateway.people import Account, People, Role
from gateway.site import Beyond
from gateway.web.application import Pages
from gateway.web.gate import OF_ONE, SILENT_NS, Gate
from gateway.web.house import House
from gateway.web.live import Hub
from gateway.web.selfsigned import made
from gateway.web.server import HOST, Web
from gateway.web.tls import LOOK_NS, Tls
from tests.unit.web.test_server import listening

on = asyncio.to_thread
NOW = 1_800_000_000_000_000_000


def certificate(folder, *hosts):
    """Files of a new one, and where they are."""
    folder.mkdir(exist_ok=True)
    found = made(hosts or (HOST, "localhost"), NOW, 30)
    (folder / "web.crt").write_bytes(found.certificate)
    key = folder / "web.key"
    key.unlink(missing_ok=True)
    with os.fdopen(os.open(key, os.O_WRONLY | os.O_CREAT, 0o600), "wb") as file:
        file.write(found.key)
    return str(folder / "web.crt"), f"file:{key}"


def free():
    held, port = listening()
    held.close()
    return port


QUESTION = b"GET /health/live HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"


@contextlib.asynccontextmanager
async def connected(port, context=None):
    """A connection, gone afterwards whatever became of it."""
    reader, writer = await asyncio.open_connection(HOST, port, ssl=context)
    try:
        yield reader, writer
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


async def asked(port, context=None, line=QUESTION):
    """All that is answered to some bytes; b"" where nobody lets us in."""
    try:
        async with connected(port, context) as (reader, writer):
            writer.write(line)
            return await reader.read()
    except OSError:
        return b""


def trusting(crt):
    context = ssl.create_default_context(cafile=crt)
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE  # made for another time than this machine's
    return context


class Shown:
    """A server with pages and a door to other machines."""

    def __init__(self, folder, tmp_path):
        (tmp_path / "people").mkdir()
        self.people = People(tmp_path / "people")
        self.house = House(self.people, lambda: NOW, os.urandom)
        self.crt, self.key = certificate(tmp_path / "tls")
        self.port, self.beyond = free(), free()
        self.hub = Hub(None, SystemClock())
        pages = Pages(self.house, lambda: 0, lambda _: None, self.hub)
        row = Beyond(HOST, self.beyond, self.crt, self.key, (HOST,))
        self.web = Web(folder, self.port, SystemClock(), lambda: pages, row)

    async def __aenter__(self):
        self.serving = asyncio.create_task(self.web.run())
        while not await asked(self.port):
            assert not self.serving.done(), self.serving.exception()
        return self

    async def __aexit__(self, *_):
        self.serving.cancel()
        await asyncio.wait({self.serving})

    async def until_beyond(self):
        while not (found := await asked(self.beyond, trusting(self.crt))):
            assert not self.serving.done()
            await asyncio.to_thread(lambda: None)
        return found


@pytest.mark.long
async def test_other_machines_are_served_over_tls_once_somebody_has_an_account(folder, tmp_path):
    async with await on(Shown, folder, tmp_path) as shown:
        assert await asked(shown.beyond, trusting(shown.crt)) == b""
        await on(shown.people.add, Account("Li Na", "1", Role.ADMIN))
        assert b'{"status":"live"}' in await shown.until_beyond()
        plain = await asked(shown.beyond)
        assert b"HTTP" not in plain  # no plain word beyond this machine
        old = trusting(shown.crt)
        with pytest.deprecated_call():
            old.maximum_version = ssl.TLSVersion.TLSv1_1
        assert await asked(shown.beyond, old) == b""
        for junk in (
            b"\x16\x03\x01" + bytes(300),
            b"\x00" * 5000,
            b"\x16\x03\x01\xff\xff" + os.urandom(200),
            b"",
        ):
            async with connected(shown.beyond) as (_, writer):
                writer.write(junk)
        for junk in (
            b"\x00" * 5000 + b"\r\n\r\n",
            b"GET\r\n\r\n",
            b"GET / HTTP/1.1\r\n" + b"a" * 70_000,
            b"\xff\n\n",
        ):
            assert b" 200 " not in await asked(shown.port, None, junk)
        assert b'{"status":"live"}' in await shown.until_beyond()
        await on(shown.people.remove, "Li Na")
        while await asked(shown.beyond, trusting(shown.crt)):
            pass  # within a second it is shut again
        assert b'{"status":"live"}' in await asked(shown.port)


async def application(scope, receive, send):
    """Answers a request when it has all of it."""
    while (await receive()).get("more_body"):
        pass
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body", "body": b""})


@contextlib.asynccontextmanager
async def gated(clock):
    """A gate on a port."""
    held, port = listening()
    held.setblocking(False)
    config = uvicorn.Config(application, log_config=None, lifespan="off", ws="none", http="h11", loop="none")
    gate = Gate(config, clock)
    tasks = [asyncio.create_task(gate.run(held)), asyncio.create_task(gate.sweep())]
    yield gate, port
    for task in tasks:
        task.cancel()
    ended = asyncio.create_task(gate.end())
    while not ended.done():
        await clock.advance(1)
    held.close()


async def swept(clock, gate, left):
    """Let the clock go on until so many connections are left."""
    while gate.open != left:
        await clock.advance(SILENT_NS / 1e9)
        await asyncio.to_thread(lambda: None)


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"GET / HT",
        b"GET / HTTP/1.1\r\nHost: a\r\nX: ",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nab",
    ],
)
async def test_who_says_half_a_word_is_put_out(said):
    clock = VirtualClock()
    async with gated(clock) as (gate, port):
        async with connected(port) as (reader, writer):
            writer.write(said)
            await writer.drain()
            while gate.open != 1:
                await asyncio.to_thread(lambda: None)
            await swept(clock, gate, 0)
            with contextlib.suppress(ConnectionError):
                assert await reader.read() == b""
        assert b"204" in await asked(port)


async def test_of_one_address_there_are_so_many(monkeypatch):
    monkeypatch.setattr("gateway.web.gate.OF_ONE", 3)
    monkeypatch.setattr("gateway.web.gate.HERE", ("::nowhere",))
    clock = VirtualClock()
    async with gated(clock) as (gate, port):
        async with connected(port), connected(port), connected(port):
            while gate.open != 3:
                await asyncio.to_thread(lambda: None)
            assert await asked(port) == b""
        while gate.open:
            await asyncio.to_thread(lambda: None)
        assert b"204" in await asked(port)
    assert OF_ONE > 20  # of an office behind one router


async def test_a_renewed_certificate_is_taken_up_and_a_bad_one_is_not(tmp_path, caplog):
    clock = VirtualClock()
    crt, key = await on(certificate, tmp_path / "tls")
    tls = Tls(Beyond(HOST, 1, crt, key, (HOST,)), clock)
    first = await tls.context()
    assert await tls.context() is first
    await on(certificate, tmp_path / "tls")
    await clock.advance(LOOK_NS / 1e9)
    second = await tls.context()
    assert second is not first
    with caplog.at_level(logging.WARNING):
        await on((tmp_path / "tls" / "web.crt").write_text, "nonsense")
        for _ in range(3):
            await clock.advance(LOOK_NS / 1e9)
            assert await tls.context() is second
    assert len(caplog.records) == 1
    assert "no certificate in it" in caplog.text


async def test_an_end_breaks_streams_and_says_nothing_of_it(folder, tmp_path, caplog):
    async with await on(Shown, folder, tmp_path) as shown:
        await on(shown.people.add, Account("Li Na", "1", Role.ADMIN))
        token, _ = shown.house.sessions.begin((await on(shown.people.accounts))[0])
        question = f"GET /live HTTP/1.1\r\nHost: {HOST}\r\nCookie: lotwatch={token}\r\n\r\n".encode()
        async with connected(shown.port) as (reader, writer):
            writer.write(question)
            assert b"event: hello" in await reader.readuntil(b"hello")
            shown.serving.cancel()
            await asyncio.wait({shown.serving})
            with contextlib.suppress(ConnectionError):
                await reader.read()
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]
