"""What a unit says it is: answers laid out as the standard lays out its examples (V1.1b3, 6.21 and 6.13)."""

from __future__ import annotations

from drivers.modbus.exchange import TcpExchange
from gateway.clock import VirtualClock
from gateway.lines import FakeLine
from gateway.probing.asker import Asker

# 6.21, basic identification in one transaction: conformity 1, nothing follows, three objects.
BASIC = (
    bytes.fromhex("2b0e0101000003")
    + b"\x00\x16Company identification"
    + b"\x01\x0dProduct codeX"
    + b"\x02\x05V2.11"
)


def asker(answers):
    """A socket that answers a function with a PDU, and refuses what it has not (exception 1)."""

    def respond(sent):
        pdu = answers.get(sent[7], bytes((sent[7] | 0x80, 1)))
        return sent[:4] + (len(pdu) + 1).to_bytes(2, "big") + sent[6:7] + pdu

    clock = VirtualClock()
    return Asker(TcpExchange(FakeLine(clock=clock, respond=respond), clock))


async def test_basic_identification():
    said = await asker({43: BASIC}).identity(1, 10**9)
    assert said == {"vendor": "Company identification", "product": "Product codeX", "revision": "V2.11"}


async def test_a_server_id_that_is_text_and_one_that_is_not():
    assert await asker({17: b"\x11\x08ACME-7\x00\xff"}).identity(1, 10**9) == {"server_id": "ACME-7"}
    assert await asker({17: b"\x11\x03\x01\x02\xff"}).identity(1, 10**9) == {"server_id": "0102ff"}


async def test_a_unit_that_says_nothing_of_itself():
    assert await asker({}).identity(1, 10**9) == {}


async def test_what_would_do_something_to_a_terminal_is_left_out():
    said = await asker({43: bytes([0x2B, 0x0E, 1, 1, 0, 0, 1, 0, 8]) + b"AC\x1b[2J\x07\r"}).identity(1, 10**9)
    assert said == {"vendor": "AC[2J"}
