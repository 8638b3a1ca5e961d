"""Files to rows: the shipped sites load, and what a file says is what the rows say."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.config import ConfigErrors, load, read, site_hash
from gateway.config.models import FILES
from gateway.plain import from_plain, to_plain
from gateway.resources import config_dir
from gateway.site import Anomaly, Bus, Site, When

from .conftest import PRESS, SITE, write

SITES = sorted(config_dir().glob("*/site.yaml"))


WARNED = {
    "chaos": ["d_learnt is outside of the site's false_alarms_per_day: its plan gives its limit"]
}  # as its plan says


@pytest.mark.parametrize("path", SITES, ids=lambda path: path.parent.name)
def test_a_shipped_site_loads_without_a_warning(path: Path) -> None:
    assert [warning.text for warning in read(path).warnings] == WARNED.get(path.parent.name, [])


def test_the_demo_and_the_starter_are_shipped() -> None:
    assert {path.parent.name for path in SITES} >= {"demo", "example"}


@pytest.mark.parametrize("path", SITES, ids=lambda path: path.parent.name)
def test_a_site_survives_the_journal(path: Path) -> None:
    site = load(path)
    again: Site = from_plain(Site, to_plain(site))
    assert again == site
    assert site_hash(again) == site_hash(site)


def test_every_key_of_a_site_is_in_the_demo() -> None:
    text = (config_dir() / "demo" / "site.yaml").read_text("utf-8")
    assert [name for name in FILES["site"].model_fields if f"{name}:" not in text] == []


def test_rows_say_what_the_file_says(folder: Path) -> None:
    site = load(folder / "site.yaml")
    assert site.buses[1] == Bus("rs485", "modbus.rtu", "/dev/ttyS1", 9600, "N", 8, 1, {})
    press1, press2, scanner = site.devices
    assert [group.id for group in press1.groups] == ["press1/fast", "press1/normal"]
    fast, normal = press1.groups
    assert (fast.period_ns, fast.stale_after_ns) == (100_000_000, 5_000_000_000)
    assert normal.period_ns == 1_000_000_000
    assert [point.tag for point in fast.points] == [
        "moulding/line1/press1/shots",
        "moulding/line1/press1/cushion",
    ]
    assert fast.points[1].high == 50
    assert fast.points[1].coherent == "shot"
    assert normal.points[1].field.mask == 0x0F00
    assert press2.groups[0].points[1].high == 40, "changed by the site"
    assert press2.groups[1].points[2].tag == "moulding/line1/packing/extra", (
        "a point of its own, in a cell of its own"
    )
    assert scanner.groups == ()
    assert site.scan_points[0].device == "scanner1"
    [row] = site.characteristics
    assert row.params == {"center": 6.0, "sigma": 0.1, "lambda": 0.2}
    assert (row.sampling.every, row.sampling.counter) == ("counter", "moulding/line1/press1/shots")
    assert site.broker is not None
    assert (site.broker.port, site.broker.password_from) == (1883, "file:/no/password")
    assert site.cells == ("moulding/line1/press1", "moulding/line1/press2", "moulding/line1/packing")


def test_a_device_opts_into_the_anomaly_checks(tmp_path: Path) -> None:
    words = "{alarms_per_day: 2, points: [cushion], when: {tag: moulding/line1/press1/state, is: [2]}}"
    cell = "  cell: moulding/line1/press1\n"
    given = load(write(tmp_path, SITE.replace(cell, f"{cell}  anomaly: {words}\n"))).devices
    when = When("moulding/line1/press1/state", ("2",), 0)
    assert given[0].anomaly == Anomaly(2.0, 1_000_000_000, ("cushion",), when, 300_000_000_000)
    assert given[1].anomaly is None
    bare = load(write(tmp_path, SITE.replace(cell, f"{cell}  anomaly: {{}}\n"))).devices
    assert bare[0].anomaly == Anomaly(0.1, 1_000_000_000, (), When(), 300_000_000_000)


def test_a_device_that_talks_by_itself_is_not_polled(tmp_path: Path) -> None:
    site = SITE.replace("bus: scanner\n", "bus: scanner\n  points: [{name: count, type: uint32}]\n")
    group = load(write(tmp_path, site)).devices[2].groups[0]
    assert (group.period_ns, group.stale_after_ns) == (0, 5_000_000_000)


def test_the_long_form_of_a_poll_class(tmp_path: Path) -> None:
    site = SITE.replace("fast: 100ms", "fast: {period: 250ms, stale_after: 90s}")
    fast = load(write(tmp_path, site)).groups()["press1/fast"]
    assert (fast.period_ns, fast.stale_after_ns) == (250_000_000, 90_000_000_000)


@pytest.mark.parametrize(
    ("written", "ns"),
    [
        ("100ms", 10**8),
        ("2s", 2 * 10**9),
        ("1.5s", 15 * 10**8),
        ("10min", 6 * 10**11),
        ("8h", 288 * 10**11),
        ("1d", 864 * 10**11),
        ("2 s", 2 * 10**9),
    ],
)
def test_durations(tmp_path: Path, written: str, ns: int) -> None:
    site = SITE.replace("fast: 100ms", f"fast: {written}")
    assert load(write(tmp_path, site)).groups()["press1/fast"].period_ns == ns


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("0.1", "0.1"),
        ("1", "1"),
        ("-0.01", "-0.01"),
        ("1e-3", "0.001"),
        ("0.30000000000000004", "0.30000000000000004"),
    ],
)
def test_a_scale_is_kept_as_its_shortest_decimal(tmp_path: Path, written: str, kept: str) -> None:
    site = SITE.replace("type: uint16,", f"type: uint16, scale: {written},")
    assert load(write(tmp_path, site)).devices[1].groups[1].points[2].field.scale == kept


def test_a_map_beside_the_site_comes_before_the_shipped_one(tmp_path: Path) -> None:
    path = write(tmp_path, SITE.replace("map: press\n", "map: silo\n", 1))
    (tmp_path / "devices" / "silo.yaml").write_text(PRESS)
    assert load(path).devices[0].groups[0].points[0].name == "shots"


@pytest.mark.parametrize("name", ["x" * 300 + ".yaml", "a\\0b.yaml", "plans"])
def test_a_plan_that_cannot_be_a_file(tmp_path: Path, name: str) -> None:
    path = write(tmp_path, SITE.replace("- plans/a.yaml", f'- "{name}"'))
    with pytest.raises(ConfigErrors, match=r"there is no file|is a directory"):
        load(path)


@pytest.mark.parametrize(
    "change", [lambda raw: b"\xef\xbb\xbf" + raw, lambda raw: raw.replace(b"\n", b"\r\n")]
)
def test_a_site_saved_on_windows(folder: Path, change: Callable[[bytes], bytes]) -> None:
    path = folder / "site.yaml"
    plain = load(path)
    path.write_bytes(change(path.read_bytes()))
    assert load(path) == plain


class TestOverrides:
    def test_single_values(self, folder: Path) -> None:
        given = {
            "buses.net.address": "127.0.0.1:15020",
            "broker.port": "1884",
            "broker.version": "3.1.1",
            "commit": "ssd",
            "devices.press1.timeout": "250ms",
            "database.token_from": "file:t",
            "alarm_limits.0.value": 9.5,
        }
        site = load(folder / "site.yaml", overrides=given)
        assert site.buses[0].address == "127.0.0.1:15020"
        assert site.broker is not None
        assert (site.broker.port, site.broker.version, site.commit) == (1884, "3.1.1", "ssd")
        assert site.devices[0].timeout_ns == 250_000_000
        assert site.database is not None
        assert site.database.token_from == "file:t"
        assert site.alarm_limits[0].value == 9.5

    def test_text_stays_text(self, folder: Path) -> None:
        site = load(folder / "site.yaml", overrides={"broker.version": "5", "broker.username": "1234"})
        assert site.broker is not None
        assert (site.broker.version, site.broker.username) == ("5", "1234")

    def test_a_section_that_the_file_does_not_have(self, tmp_path: Path) -> None:
        path = write(tmp_path, SITE[: SITE.index("broker:")])
        site = load(path, overrides={"broker.host": "10.1.1.1"})
        assert site.broker is not None
        assert site.broker.host == "10.1.1.1"

    @pytest.mark.parametrize(
        ("path", "text"),
        [
            (
                "buses.nett.address",
                'override buses.nett.address: nothing is named "nett"; did you mean "net"?',
            ),
            ("bus.net.address", 'override bus.net.address: there is no "bus"; did you mean "buses"?'),
            ("site.name.x", 'override site.name.x: "site" has no parts'),
            ("brokr", '"brokr" is not a key here; did you mean "broker"?'),
        ],
    )
    def test_what_cannot_be_overridden_is_said(self, folder: Path, path: str, text: str) -> None:
        with pytest.raises(ConfigErrors) as caught:
            load(folder / "site.yaml", overrides={path: "x"})
        assert [problem.text for problem in caught.value.problems] == [text]

    def test_a_bad_value_is_said_at_the_place_it_replaces(self, folder: Path) -> None:
        with pytest.raises(ConfigErrors) as caught:
            load(folder / "site.yaml", overrides={"buses.net.address": "nowhere"})
        assert str(caught.value).startswith(f"{folder}/site.yaml:11:12: buses[0].address: ")
