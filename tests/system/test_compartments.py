"""A supplier's compartment on the broker as it ships, with certificates made on boxes: every way into another's tried.

`python -m benchmarks compartments` prints the same as figures.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.publish.link import LinkDown, LinkRefused
from gateway.publish.mqtt_link import MqttDialer
from gateway.site import Broker
from tests.system import servers
from tests.system.compartments import (
    PASSWORD,
    SHIPPED,
    Authority,
    Connect,
    Tally,
    password_broker,
    shipped_broker,
    tried,
)
from tests.system.conftest import _program
from tests.system.mqttwire import Turned, Wire

SITES = [f"s{number}" for number in range(1, 101)]  # s1, s10 and s100 begin alike
WILL = ("lotwatch/v1/s1/online", b"0")
OPEN = "pattern readwrite lotwatch/v1/#\n"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    made = Authority(tmp_path_factory.mktemp("authority"))
    made.server()
    for name in (*SITES, "ingest", "former", "a+b", "#", "+"):
        made.box(name)
    made.box("s2/sub", "below")
    made.revoke(made.folder / "former.pem")
    return made


@pytest.fixture(scope="module")
def broker(authority: Authority) -> Iterator[servers.Server]:
    server = shipped_broker(_program("mosquitto"), authority.folder)
    server.start()
    yield server
    server.stop()


def by_certificate(server: servers.Server, authority: Authority) -> Connect:
    contexts = {name: authority.context(name) for name in (*SITES, "ingest")}
    return lambda user, client, version: Wire(server.port, contexts[user], client, version=version)


def by_password(server: servers.Server) -> Connect:
    return lambda user, client, version: Wire(server.port, (user, PASSWORD), client, version=version)


def test_no_supplier_reads_or_writes_another(broker: servers.Server, authority: Authority) -> None:
    assert tried(by_certificate(broker, authority), SITES) == Tally(9_900, 0, 9_900, 0, 100, 100, 0)


@pytest.fixture
def passwords(tmp_path: Path) -> Iterator[Callable[[str], servers.Server]]:
    """Starts a broker with this access list, or the one that ships."""
    running = []

    def start(acl: str = "") -> servers.Server:
        hasher = _program("mosquitto_passwd")
        server = password_broker(_program("mosquitto"), hasher, tmp_path, [*SITES, "ingest"])
        if acl:
            (tmp_path / "lotwatch.acl").write_text(acl, "utf-8")
        server.start()
        running.append(server)
        return server

    yield start
    for server in running:
        server.stop()


def test_nor_with_passwords(passwords: Callable[..., servers.Server]) -> None:
    assert tried(by_password(passwords()), SITES[:20]) == Tally(380, 0, 380, 0, 20, 20, 0)


def test_it_would_be_seen(passwords: Callable[..., servers.Server]) -> None:
    """The same tries, where the access list has a hole."""
    found = tried(by_password(passwords(OPEN)), SITES[:4])
    assert (found.read_pairs, found.read, found.write_pairs, found.written, found.silent) == (
        12,
        12,
        12,
        12,
        12,
    )


@pytest.mark.parametrize("file", ["a+b", "#", "+", "below"])
def test_names_with_meaning_to_the_broker_get_nothing(
    broker: servers.Server, authority: Authority, file: str
) -> None:
    """A user name goes into the pattern: "+" or "#" would be every site (CVE-2017-7650), "s2/sub" a part of one."""
    ingest = Wire(broker.port, authority.context("ingest"), f"ingest-{file}")
    ingest.listen(["lotwatch/v1/s2/#"])
    for topic in ("lotwatch/v1/s2/reading", "lotwatch/v1/s2/stored"):
        with contextlib.suppress(Turned, ConnectionResetError):
            odd = Wire(broker.port, authority.context(file), "odd")
            try:
                odd.listen(["lotwatch/v1/s2/#", "lotwatch/v1/s2/stored", "lotwatch/v1/+/stored", "#"])
                ingest.say([("lotwatch/v1/s2/stored", b"for s2")])
                odd.say([(topic, b"odd")])  # what there was to hear came before this answer
                assert {each.topic for each in odd.heard} == set()
            finally:
                odd.cut()
    ingest.say([("lotwatch/v1/s2/stored", b"names end")])
    assert b"odd" not in {each.payload for each in ingest.until(b"names end")}
    ingest.leave()


def test_a_last_will_stays_inside(broker: servers.Server, authority: Authority) -> None:
    ingest = Wire(broker.port, authority.context("ingest"), "ingest-wills")
    ingest.listen(["lotwatch/v1/+/online"])
    for topic in ("lotwatch/v1/s4/online", "lotwatch/v1/s3/online"):
        try:
            Wire(broker.port, authority.context("s3"), "willing", will=(topic, b"will of s3")).cut()
        except Turned:
            assert "s4" in topic  # it may refuse it at once
    assert [each.topic for each in ingest.until(b"will of s3")] == ["lotwatch/v1/s3/online"]
    ingest.leave()


def test_a_foreign_session_is_no_way_in(broker: servers.Server, authority: Authority) -> None:
    """Whoever takes a box's client id ends its connection (threat-model.md), and hears nothing of it."""
    ingest = Wire(broker.port, authority.context("ingest"), "ingest-thief")
    victim = Wire(broker.port, authority.context("s5"), "box-of-s5", keep=True)
    victim.listen(["lotwatch/v1/s5/stored"])
    thief = Wire(broker.port, authority.context("s6"), "box-of-s5", keep=True)
    assert victim.gone()
    victim.cut()
    ingest.say([("lotwatch/v1/s5/stored", b"for s5"), ("lotwatch/v1/s6/stored", b"for s6")])
    thief.listen(["lotwatch/v1/s6/stored"])
    ingest.say([("lotwatch/v1/s6/stored", b"thief ends")])
    assert {each.topic for each in thief.until(b"thief ends")} == {"lotwatch/v1/s6/stored"}
    thief.leave()
    ingest.leave()


@pytest.mark.parametrize("name", ["", "former"])
def test_who_has_no_certificate_or_a_revoked_one_is_not_let_in(
    broker: servers.Server, authority: Authority, name: str
) -> None:
    with pytest.raises(Turned):
        Wire(broker.port, authority.context(name), "nobody")


def test_a_certificate_of_another_authority_is_not_let_in(
    broker: servers.Server, authority: Authority, tmp_path: Path
) -> None:
    other = Authority(tmp_path)
    other.box("s1")
    context = authority.context()
    context.load_cert_chain(tmp_path / "s1.pem", tmp_path / "s1.key")
    with pytest.raises(Turned):
        Wire(broker.port, context, "stranger")


def named(broker: servers.Server, authority: Authority, name: str) -> Broker:
    folder = authority.folder
    return Broker(
        "127.0.0.1", broker.port, tls=True, ca_file=str(authority.file),
        certificate_file=str(folder / f"{name}.pem"), key_from=f"file:{folder / name}.key",
    )  # fmt: skip


async def test_the_box_itself_connects_so(broker: servers.Server, authority: Authority) -> None:
    link = await MqttDialer(named(broker, authority, "s1"), "box").dial(WILL)
    assert await asyncio.wait_for(link.publish("lotwatch/v1/s1/x", b"x", retain=False), 60) in {0, 0x10}
    assert await asyncio.wait_for(link.publish("lotwatch/v1/s2/x", b"x", retain=False), 60) == 0x87
    await link.close(farewell=WILL)


@pytest.mark.filterwarnings(
    "ignore::pytest.PytestUnraisableExceptionWarning"
)  # paho leaves sockets to the collector
async def test_a_broker_of_another_name_is_not_talked_to(authority: Authority, tmp_path: Path) -> None:
    """Its certificate is good, and of 127.0.0.2."""
    other = Authority(tmp_path)
    other.server("127.0.0.2")
    other.box("s1")
    server = shipped_broker(_program("mosquitto"), tmp_path)
    server.start()
    try:
        with pytest.raises(LinkDown, match=r"(?i)ip address mismatch|certificate"):
            await MqttDialer(named(server, other, "s1"), "box").dial(WILL)
    finally:
        server.stop()


async def test_a_key_that_others_can_read_is_refused(
    broker: servers.Server, authority: Authority, tmp_path: Path
) -> None:
    loose = tmp_path / "loose.key"
    loose.write_bytes((authority.folder / "s1.key").read_bytes())
    loose.chmod(0o644)
    with pytest.raises(LinkRefused, match=r"loose\.key: others have access to it: chmod 600"):
        await MqttDialer(replace(named(broker, authority, "s1"), key_from=f"file:{loose}"), "box").dial(WILL)


def test_the_list_that_ships_names_the_users_that_no_site_may_be_called() -> None:
    from gateway.trust.boxkey import RESERVED  # noqa: PLC0415 # here only

    lines = (SHIPPED / "mosquitto.acl").read_text("utf-8").splitlines()
    assert tuple(line.split()[1] for line in lines if line.startswith("user ")) == RESERVED
