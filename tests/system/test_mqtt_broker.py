"""The real link against real brokers: refused topics, a packet too large, a broker that was away, MQTT 3.1.1."""

from __future__ import annotations

import asyncio
import gc
import subprocess
import sys
import threading
import time
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial

import pytest

from gateway.clock import SystemClock
from gateway.demo.process import Child
from gateway.ingest.run import ingest
from gateway.journal import Journal
from gateway.model import Noted
from gateway.publish.link import LinkDown, LinkRefused
from gateway.publish.mqtt import MqttPublisher
from gateway.publish.mqtt_link import MqttDialer, MqttLink
from gateway.site import Broker
from tests.system import servers
from tests.system.test_mqtt_replica import DEADLINE_S, Chance, commit, journal, until, until_seen, whole
from tests.unit.wire import samples

__all__ = ["journal"]  # a fixture

WILL = ("lotwatch/v1/north/status", b"{}")


@pytest.fixture
def strict_mosquitto(tmp_path):
    """Lets anybody publish all of site north but readings; takes packets up to 2,000 bytes."""
    program = servers.find_program("mosquitto")
    if program is None:
        pytest.skip("no mosquitto on this machine: .ci/debian.sh brings it")
    folder = tmp_path / "strict"
    folder.mkdir()
    (folder / "acl").write_text(
        "topic deny lotwatch/v1/north/reading\ntopic readwrite lotwatch/v1/north/#\ntopic readwrite other/#\n"
    )
    server = servers.mosquitto(program, folder)
    with (folder / "mosquitto.conf").open("a") as config:
        config.write(f"acl_file {folder}/acl\nmax_packet_size 2000\n")
    server.start()
    yield server
    server.stop()


async def dialled(dialer: MqttDialer, *, or_no: str = "") -> MqttLink:
    """A link, dialled again where a stall ate the time for shaking hands. Raises LinkRefused; LinkDown that says so."""
    end = time.monotonic() + DEADLINE_S
    while True:
        try:
            return await dialer.dial(WILL)
        except LinkRefused:
            raise
        except LinkDown as error:
            if (or_no and or_no in str(error)) or time.monotonic() > end:
                raise
            await asyncio.sleep(0.05)


@asynccontextmanager
async def publishing(journal: Journal, broker: Broker, notes: list[Noted]):
    publisher = MqttPublisher(journal, samples.site(broker), SystemClock(), Chance(), note=notes.append)
    task = asyncio.create_task(publisher.run())
    try:
        yield publisher
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_a_refused_topic_is_told_and_its_records_stay(strict_mosquitto, journal):
    notes: list[Noted] = []
    async with publishing(journal, Broker("127.0.0.1", strict_mosquitto.port), notes) as publisher:
        await commit(journal, publisher, 1, 10)
        await until(lambda: len(notes) >= 2, "the refusals are told")
        told = {(note.subject, note.facts["code"]) for note in notes}
        assert told == {("reading", 0x87), ("setting", 0x95)}
        await until(lambda: publisher.behind() == 9, "the tick and the events are out")


@pytest.fixture
def guarded_mosquitto(tmp_path):
    """Lets "box" in with its password, by TLS with a certificate of its own authority."""
    programs = [servers.find_program(name) for name in ("mosquitto", "mosquitto_passwd", "openssl")]
    if None in programs:
        pytest.skip("no mosquitto or openssl on this machine: .ci/debian.sh brings them")
    folder = tmp_path / "guarded"
    folder.mkdir()
    run = partial(subprocess.run, check=True, capture_output=True, cwd=folder)
    run([programs[1], "-b", "-c", "passwords", "box", "secret"])
    made = ["-newkey", "rsa:2048", "-nodes", "-days", "2", "-keyout", "key", "-out", "cert"]
    named = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    run([programs[2], "req", "-x509", *made, *named])
    server = servers.mosquitto(programs[0] or "", folder)
    text = (folder / "mosquitto.conf").read_text().replace("allow_anonymous true", "allow_anonymous false")
    places = f"password_file {folder}/passwords\ncertfile {folder}/cert\nkeyfile {folder}/key\n"
    (folder / "mosquitto.conf").write_text(text + places)
    server.start()
    yield server, folder / "cert"
    server.stop()


async def test_tls_and_password(guarded_mosquitto, tmp_path):
    server, cert = guarded_mosquitto
    (tmp_path / "password").touch(0o600)
    (tmp_path / "password").write_text("secret\n")
    good = Broker(
        "127.0.0.1",
        server.port,
        tls=True,
        ca_file=str(cert),
        username="box",
        password_from=f"file:{tmp_path}/password",
    )
    link = await dialled(MqttDialer(good, "probe"))
    assert await link.publish("x", b"x", retain=False) == 0x10
    await link.close(farewell=WILL)
    (tmp_path / "password").write_text("wrong")
    with pytest.raises(LinkRefused):
        await dialled(MqttDialer(good, "probe"))
    with pytest.raises(LinkRefused, match="missing"):
        await dialled(MqttDialer(replace(good, password_from=f"file:{tmp_path}/missing"), "probe"))


@pytest.mark.filterwarnings(
    "ignore::pytest.PytestUnraisableExceptionWarning"
)  # paho leaves that socket to the collector
async def test_a_broker_that_nobody_vouches_for_is_not_talked_to(guarded_mosquitto):
    server, _ = guarded_mosquitto
    with pytest.raises(LinkDown, match="certificate"):
        await dialled(MqttDialer(Broker("127.0.0.1", server.port, tls=True), "probe"), or_no="certificate")
    gc.collect()


async def test_what_connack_allows_is_known(strict_mosquitto):
    link = await dialled(MqttDialer(Broker("127.0.0.1", strict_mosquitto.port), "probe"))
    assert link.largest == 2000
    assert 0 < link.window <= 65_535
    assert await link.publish("other/x", b"x", retain=False) == 0x10  # nobody is subscribed
    await link.subscribe("other/y")
    assert await link.publish("other/y", b"y", retain=True) == 0
    async for topic, payload in link.heard():
        assert (topic, payload) == ("other/y", b"y")
        break
    await link.close(farewell=("other/y", b""))


async def test_a_link_notices_a_broker_that_dies(own_mosquitto):
    dialer = MqttDialer(Broker("127.0.0.1", own_mosquitto.port), "probe")
    link = await dialled(dialer)
    own_mosquitto.kill()
    await asyncio.wait_for(link.lost(), DEADLINE_S)
    await link.close()
    with pytest.raises(LinkDown):
        await dialer.dial(WILL)
    own_mosquitto.start()
    link = await dialled(dialer)
    assert await link.publish("x", b"x", retain=False) in (0, 0x10)
    await link.close()


@asynccontextmanager
async def amqtt(folder):
    """The embeddable broker of the demo, which has no MQTT 5."""
    port = servers.free_port()
    (folder / "amqtt.yaml").write_text(
        f"listeners:\n  default:\n    type: tcp\n    bind: 127.0.0.1:{port}\n"
        "plugins:\n  amqtt.plugins.authentication.AnonymousAuthPlugin:\n    allow_anonymous: true\n"
    )
    command = [sys.executable, "-m", "amqtt.scripts.broker_script", "-c", str(folder / "amqtt.yaml")]
    child = await Child.start("amqtt", command, folder)
    try:
        yield Broker("127.0.0.1", port, version="3.1.1")
    finally:
        await child.kill()


async def test_mqtt_3_1_1_on_amqtt(journal, tmp_path):
    notes: list[Noted] = []
    async with amqtt(tmp_path) as broker:
        stop, subscribed = threading.Event(), threading.Event()
        working = asyncio.create_task(
            asyncio.to_thread(
                ingest, tmp_path / "replicas", broker, name="t", stop=stop, ready=subscribed.set
            )
        )
        try:
            await until(subscribed.is_set, "the worker is subscribed")  # 3.1.1 cannot say that nobody is
            async with publishing(journal, broker, notes) as publisher:
                for block in range(12):
                    await commit(journal, publisher, block * 20 + 1, block * 20 + 20)
                await until(lambda: publisher.behind() == 0, "all is acknowledged")
                await until_seen(lambda: whole(tmp_path), "the replica is whole")
        finally:
            stop.set()
            counts = await working
    assert notes == []
    assert counts.inputs == 240
