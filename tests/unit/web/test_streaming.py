"""The stream as it is on the wire: chunks that end, plain bytes for HTTP/1.0, and a head alone for who asks for one."""

from __future__ import annotations

import asyncio

from gateway.people import Account, Role
from gateway.web.server import HOST
from tests.unit.web.test_gate import Shown, asked, connected

on = asyncio.to_thread


def question(token, method="GET", version="1.1"):
    cookie = f"Cookie: lotwatch={token}\r\n"
    return f"{method} /live HTTP/{version}\r\nHost: {HOST}\r\n{cookie}\r\n".encode()


async def entered(shown):
    """Somebody's token, and their session."""
    await on(shown.people.add, Account("Li Na", "1", Role.ADMIN))
    return shown.house.sessions.begin((await on(shown.people.accounts))[0])


async def test_a_stream_ends_with_its_session_and_the_connection_stays_of_use(folder, tmp_path):
    async with await on(Shown, folder, tmp_path) as shown:
        token, session = await entered(shown)
        async with connected(shown.port) as (reader, writer):
            writer.write(question(token))
            head = await reader.readuntil(b"\r\n\r\n")
            assert b"text/event-stream" in head
            assert b"transfer-encoding: chunked" in head.lower()
            greeting = b"retry: 1000\nid: 0\nevent: hello\ndata: {}\n\n"
            assert await reader.readuntil(b"\n\n\r\n") == b"%x\r\n%s\r\n" % (len(greeting), greeting)
            shown.house.sessions.end(session)
            assert await reader.readuntil(b"0\r\n\r\n") == b"0\r\n\r\n"
            assert shown.hub.viewers == 0
            writer.write(b"GET /health/live HTTP/1.1\r\nHost: %s\r\n\r\n" % HOST.encode())
            assert b"200 OK" in await reader.readuntil(b"live")


async def test_a_proxy_of_http_1_0_gets_plain_bytes_and_who_asks_for_the_head_no_more(folder, tmp_path):
    async with await on(Shown, folder, tmp_path) as shown:
        token, _ = await entered(shown)
        async with connected(shown.port) as (reader, writer):
            writer.write(question(token, version="1.0"))
            assert b"chunked" not in (await reader.readuntil(b"\r\n\r\n")).lower()
            assert await reader.readline() == b"retry: 1000\n"
            assert shown.hub.viewers == 1
        close = b"\r\nConnection: close\r\n\r\n"
        head = await asked(shown.port, None, question(token, "HEAD").replace(b"\r\n\r\n", close))
        assert b"text/event-stream" in head
        assert head.endswith(b"\r\n\r\n")
        while shown.hub.viewers:  # who has gone is noticed
            await on(lambda: None)
