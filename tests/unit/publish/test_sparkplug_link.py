"""The edge node's connection, packet by packet, on loopback."""

from __future__ import annotations

import asyncio

import pytest

from gateway.publish.link import LinkDown
from gateway.publish.sparkplug_link import SparkplugDialer
from gateway.site import Broker
from gateway.sparkplug.node import Message
from tests.unit.publish.mqtt_server import Connect, Server

WILL = Message("spBv1.0/G/NDEATH/E", b"death", qos=1)
PATIENCE_S = 60


@pytest.mark.parametrize("version", ["5", "3.1.1"])
async def test_connect_subscribe_publish_and_leave(version):
    server = Server()
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    try:
        broker = Broker("127.0.0.1", listening.sockets[0].getsockname()[1], version)
        dialer = SparkplugDialer(broker, "n1")
        async with asyncio.timeout(PATIENCE_S):
            await dialer.reach()
            link = await dialer.dial(WILL)
            await link.subscribe("spBv1.0/G/NCMD/E")
            link.send(Message("spBv1.0/G/NBIRTH/E", b"birth"))
            await link.leave(WILL)
            await server.gone.wait()
    finally:
        listening.close()
        await listening.wait_closed()
    code = 5 if version == "5" else 4
    assert server.packets == [
        Connect(code, True, 1, False, "spBv1.0/G/NDEATH/E", b"death", 0),
        ("subscribe", "spBv1.0/G/NCMD/E", 1),
        ("publish", "spBv1.0/G/NBIRTH/E", b"birth", 0, False),
        ("publish", "spBv1.0/G/NDEATH/E", b"death", 1, False),
        ("disconnect", b"\x04" if version == "5" else b""),
    ]
    with pytest.raises(LinkDown):
        link.send(WILL)


async def test_a_port_where_nobody_listens_is_a_link_that_is_down():
    listening = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    listening.close()
    await listening.wait_closed()
    with pytest.raises(LinkDown):
        await SparkplugDialer(Broker("127.0.0.1", port), "n1").reach()
