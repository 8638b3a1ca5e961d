"""What `/metrics` says, read by the parser of Prometheus' own client, of a daemon that runs on a virtual clock."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import numpy as np
import orjson
import pytest
import yaml
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from gateway.alarms.values import Alarm, Cause
from gateway.clock import VirtualClock
from gateway.layout import Field
from gateway.metrics import LoopLag, Parts, page
from gateway.metrics.families import Family, Sample, buckets, text
from gateway.model import Quality, Reading, Severity
from gateway.poll import BusPoller
from gateway.resources import config_dir
from gateway.site import Bus, Device, Group, Point, Site

ROOT = Path(__file__).parents[3]
CONFIG = config_dir()


class _Driver:
    """Answers for `well`, is silent for the others."""

    trouble = ""

    def __init__(self, clock):
        self._clock = clock

    async def poll(self, device, group):
        await self._clock.sleep_until(self._clock.boottime_ns() + 10_000_000)
        quality = Quality.GOOD if device.name == "well" else Quality.NO_ANSWER
        one = np.full(1, quality, np.uint8)
        return Reading(group.id, self._clock.now(), 0, np.ones(1), one, np.zeros(1, np.uint16))

    async def probe(self, device):
        return device.name == "well"

    def cost_ns(self, device, group):
        del device, group
        return 10_000_000

    async def close(self):
        """Nothing to let go."""


class _Recorder:
    def __init__(self):
        self.values, self.blocks, self.refused, self.waiting = 7, 3, 0, 2
        self.committed_ns: int | None = 2_000_000_000

    def still_ns(self, now_ns):
        return 0 * now_ns


class _Forward:
    online = True

    def behind(self):
        return 12


def _device(name, unit):
    point = Point("p", f"a/l/c/{name}", Field("uint16"), "holding", 0)
    group = Group(f"{name}/normal", name, 1_000_000_000, (point,), 5_000_000_000)
    return Device(name, "bus1", "", unit, "a/l/c", (group,))


SITE = Site(
    "north", "gw1", (Bus("bus1", "modbus.tcp", "127.0.0.1:502"),), (_device("well", 1), _device("ill", 2))
)


async def measured(tmp_path, alarms=(), seconds=60):
    clock = VirtualClock()
    poller = BusPoller(SITE.buses[0], SITE.devices, _Driver(clock), clock, lambda _: None)
    lag = LoopLag(clock)
    tasks = [asyncio.create_task(poller.run()), asyncio.create_task(lag.run())]
    await clock.advance(seconds)
    parts = Parts(
        SITE, tmp_path, clock, _Recorder(), {"bus1": poller}, {"mqtt b:1": _Forward()}, lambda: alarms, lag
    )
    shown = await asyncio.to_thread(page, parts)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    return {family.name: family for family in text_string_to_metric_families(shown.decode())}


def value(families, name, **labels):
    family = families[re.sub(r"_(total|info|bucket|sum|count)$", "", name)]
    found = [
        each.value for each in family.samples if each.name == name and labels.items() <= each.labels.items()
    ]
    assert len(found) == 1, f"{name} {labels}: {found}"
    return found[0]


@pytest.fixture
async def families(tmp_path):
    return await measured(tmp_path)


async def test_a_second_implementation_reads_every_family(families):
    assert len(families) == 30
    assert all(family.documentation for family in families.values())


async def test_the_folder_stands_beside_its_quota_and_the_ballast_that_is_spent(tmp_path):
    (tmp_path / "journal.sqlite").write_bytes(b"x" * 100_000)
    (tmp_path / "ballast").touch()
    held = await measured(tmp_path, seconds=1)
    assert 100_000 <= value(held, "lotwatch_folder_size_bytes") < 300_000
    disk = value(held, "lotwatch_disk_size_bytes")
    assert value(held, "lotwatch_folder_quota_bytes") == pytest.approx(0.6 * disk)
    assert value(held, "lotwatch_ballast_spent") == 0
    (tmp_path / "ballast").unlink()
    assert value(await measured(tmp_path, seconds=1), "lotwatch_ballast_spent") == 1


async def test_buses_and_devices(families):
    polls = value(families, "lotwatch_bus_polls_total", bus="bus1")
    assert polls == value(families, "lotwatch_bus_lateness_seconds_count", bus="bus1")
    assert polls == value(families, "lotwatch_bus_lateness_seconds_bucket", le="+Inf")
    assert value(families, "lotwatch_bus_busy_seconds_total") == pytest.approx(polls * 0.01, rel=0.2)
    assert value(families, "lotwatch_device_up", device="well") == 1
    assert value(families, "lotwatch_device_up", device="ill") == 0
    assert value(families, "lotwatch_device_failed_polls_total", device="ill", reason="silent") >= 3
    assert value(families, "lotwatch_device_failed_polls_total", device="well", reason="silent") == 0


async def test_journal_forwarding_and_box(families):
    assert value(families, "lotwatch_buffer_records") == 2
    assert value(families, "lotwatch_commit_age_seconds") == 59
    assert value(families, "lotwatch_forward_lag_records", to="mqtt b:1") == 12
    assert value(families, "lotwatch_clock_synchronised") == 1
    assert 0 < value(families, "lotwatch_disk_free_bytes") < value(families, "lotwatch_disk_size_bytes")
    assert value(families, "lotwatch_process_memory_bytes") > 1e6
    assert value(families, "lotwatch_build_info", site="north", gateway="gw1") == 1


async def test_alarms_are_counted_and_never_named(tmp_path):
    alarms = [
        Alarm(f"a{n}", Cause("limit_HH", f"a/l/c/t{n}", Severity.ALARM), 1, "active", lots=(f"LOT-{n}",))
        for n in range(3)
    ]
    families = await measured(tmp_path, alarms, seconds=1)
    assert value(families, "lotwatch_alarms", severity="alarm", state="active") == 3
    assert value(families, "lotwatch_alarms", severity="warning", state="active") == 0


async def test_series_are_bounded_by_the_config(tmp_path):
    """A thousand alarms of a thousand lots make no series more."""

    def series(found):
        return {
            (each.name, tuple(sorted(each.labels.items())))
            for family in found.values()
            for each in family.samples
        }

    alarms = [
        Alarm(f"a{n}", Cause("signal", f"c{n}", Severity.WARNING), 1, "active", lots=(f"LOT-{n}",))
        for n in range(1000)
    ]
    one, other = await measured(tmp_path, seconds=1), await measured(tmp_path, alarms, seconds=90)
    assert series(one) == series(other)
    labels = {label for family in other.values() for each in family.samples for label in each.labels}
    assert labels == {
        "bus",
        "device",
        "reason",
        "le",
        "to",
        "severity",
        "state",
        "version",
        "site",
        "gateway",
    }


def test_label_values_cannot_break_out():
    odd = 'a"b\\c\nd'
    shown = text([Family("x", "gauge", odd, [Sample(1, {"bus": odd})])]).decode()
    (family,) = text_string_to_metric_families(shown)
    assert family.samples[0].labels["bus"] == odd
    assert family.documentation == odd


def test_a_histogram_counts_up():
    shown = text(
        [Family("x_seconds", "histogram", "h", buckets([0.1, 1.0], [2, 3, 4], 9.5, {}), "seconds")]
    ).decode()
    (family,) = text_string_to_metric_families(shown)
    assert [each.value for each in family.samples] == [2, 5, 9, 9, 9.5]


class _Late(VirtualClock):
    """Wakes who sleeps so much later, then ends it."""

    def __init__(self, *late_ns):
        super().__init__()
        self._now, self._late = 0, list(late_ns)

    def boottime_ns(self):
        return self._now

    async def sleep_until(self, boottime_ns):
        if not self._late:
            raise asyncio.CancelledError
        self._now = boottime_ns + self._late.pop(0)


@pytest.mark.parametrize(("late", "worst"), [((0, 2_000_000_000, 5), 2_000_000_000), ((7, *[1] * 240), 1)])
async def test_a_loop_that_is_late_is_seen_for_a_minute(late, worst):
    lag = LoopLag(_Late(*late))
    with pytest.raises(asyncio.CancelledError):
        await lag.run()
    assert lag.worst_ns == worst


# --- dashboards, rules, reference -----------------------------------------------------------------------------------

NAME = re.compile(r"\blotwatch_[a-z_]+")


def names_in(text_):
    """As they are there, without those that a word of ours begins with."""
    return set(NAME.findall(text_))


async def exposed(families):
    return {each.name for family in families.values() for each in family.samples}


DASHBOARDS = sorted((CONFIG / "grafana").glob("*.json"))


@pytest.mark.parametrize("file", DASHBOARDS, ids=lambda file: file.stem)
async def test_every_metric_of_a_dashboard_exists(families, file):
    board = orjson.loads(file.read_bytes())
    asked = [target["expr"] for panel in board["panels"] for target in panel["targets"]]
    assert asked
    named = {name for each in asked for name in names_in(each)}
    assert named
    assert named <= await exposed(families)
    assert all(panel["description"] and panel["title"] for panel in board["panels"])
    assert len({panel["id"] for panel in board["panels"]}) == len(board["panels"])


async def test_every_metric_is_on_the_dashboard_of_a_box(families):
    shown = names_in((CONFIG / "grafana" / "box.json").read_text("utf-8"))
    left = {family for family in families if not any(name.startswith(family) for name in shown)}
    assert left <= set()


async def test_every_metric_of_an_alert_exists_and_every_alert_says_what_to_do(families):
    rules = yaml.safe_load((CONFIG / "deploy" / "alerts.yaml").read_text("utf-8"))["groups"][0]["rules"]
    named = {name for rule in rules for name in names_in(rule["expr"])}
    assert named <= await exposed(families)
    assert len({rule["alert"] for rule in rules}) == len(rules) >= 15
    for rule in rules:
        assert rule["annotations"]["summary"]
        assert rule["annotations"]["fix"]
        assert rule["labels"]["severity"] in {"page", "ticket"}


async def test_the_reference_has_every_family_with_its_words(families):
    page_ = (ROOT / "docs" / "reference" / "metrics.md").read_text("utf-8")
    for name, family in families.items():
        assert f"| `{name}` | {family.type} |" in page_, name
        assert family.documentation in page_, name
    assert names_in(page_) <= set(families) | await exposed(families)
