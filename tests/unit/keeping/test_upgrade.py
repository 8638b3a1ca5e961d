"""The state machine of an upgrade, cut short at every stage; versions and services are fakes that remember."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import orjson
import pytest

from gateway.keeping.upgrade import Upgrade
from gateway.keeping.upgradeplan import Gateway, Plan, alone, read_plan, write_plan
from gateway.keeping.versions import Unusable, Versions


class Fakes(Versions):
    """0.1 and 0.2 beside each other; says what a test wants them to say."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        for name in ("0.1", "0.2"):
            (root / "versions" / name / "bin").mkdir(parents=True)
            (root / "versions" / name / "bin" / "lotwatch").touch()
        (root / "current").symlink_to("versions/0.1")
        self.schemas = {"0.1": 8, "0.2": 8}
        self.read: dict[str, list[str]] = {"0.1": ["press1", "dryer"], "0.2": ["dryer", "press1", "more"]}
        self.wrote = 4711
        self.done: list[str] = []
        self.broken: set[str] = set()
        self.fails: set[str] = set()

    def ask(self, name: str, *words: str) -> object:
        if name in self.broken:
            raise Unusable(f"{name}: lotwatch upgrade ended with 1: Traceback")
        if words[1] == "schema":
            return {"schema": self.schemas[name]}
        if "--after-input" in words and int(words[-1]) != self.wrote:
            raise Unusable("asked for what the version before wrote, too")
        return {"devices": self.read[name], "input": self.wrote}

    def run(self, name: str, *words: str, patience_s: float = 0) -> bytes:
        del patience_s
        if words[0] in self.fails:
            raise Unusable(f"{name}: lotwatch {words[0]}: no space left on device")
        self.done.append(f"{name} {words[0]}")
        if words[0] == "backup":
            Path(words[1]).mkdir()
        if words[0] == "restore":
            Path(words[2]).mkdir()
            Path(words[4]).mkdir()
            (Path(words[4]) / "journal.sqlite").write_text("gone on")
        return b""


NEVER = 2**63


class PowerCut(BaseException):
    """Nothing runs after it."""


@dataclass
class World:
    """Services and time; the power goes after so many words."""

    versions: Fakes
    said: list[str] = field(default_factory=list)
    ns: int = 0
    boot_ns: int = 0
    ends_ns: int = NEVER  # when the power goes
    cut_after: int = 10_000
    up: dict[str, str] = field(default_factory=lambda: {"gw": "0.1"})  # unit to the version that runs
    stuck: bool = False
    dies: str = ""  # the version that does not start

    def stop(self, unit: str) -> None:
        if self.stuck:
            raise Unusable(f"systemctl stop {unit}: timed out")
        self._say(f"stop {unit}")
        self.up.pop(unit, None)

    def start(self, unit: str) -> None:
        self._say(f"start {unit} with {self.versions.current()}")
        if self.versions.current() != self.dies:
            self.up.setdefault(unit, self.versions.current())  # one that runs goes on as it is

    def runs(self, unit: str) -> bool:
        return unit in self.up

    def _say(self, word: str) -> None:
        if len(self.said) >= self.cut_after:
            raise PowerCut
        self.said.append(word)

    def now_ns(self) -> int:
        return self.ns

    def boottime_ns(self) -> int:
        return self.boot_ns

    def wait(self, seconds: float) -> None:
        self.ns += round(seconds * 1e9)
        self.boot_ns += round(seconds * 1e9)
        if self.ns >= self.ends_ns:
            raise PowerCut


@pytest.fixture
def world(tmp_path: Path) -> World:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "journal.sqlite").write_text("as it was")
    return World(Fakes(tmp_path / "opt"))


def work(world: World, tmp_path: Path) -> Upgrade:
    return Upgrade(world.versions, world, world, tmp_path / "upgrade.json", world.said.append)


def upgraded(world: World, tmp_path: Path) -> Plan:
    upgrade = work(world, tmp_path)
    return upgrade.run(upgrade.begin("0.2", [Gateway("gw", str(tmp_path / "data"))], 60))


def tidings(tmp_path: Path) -> dict[str, object]:
    told: dict[str, object] = orjson.loads((tmp_path / "data" / "tidings.json").read_bytes())
    return told


def test_a_version_that_reads_what_was_read_stays(world: World, tmp_path: Path) -> None:
    assert upgraded(world, tmp_path).stage == "kept"
    assert world.versions.current() == "0.2"
    assert tidings(tmp_path)["kind"] == "upgrade_kept"
    assert [word for word in world.said if "gw" in word] == ["stop gw", "start gw with 0.2"]
    assert world.versions.done == []  # no copy where the shape of journals is the same


def put_there(world: World, *names: str) -> None:
    """Versions, the oldest first. Their age is ctime, which nobody sets: it goes on with each move."""
    folder = world.versions.root / "versions"
    for name in names:
        (folder / name / "bin").mkdir(parents=True, exist_ok=True)
        (folder / name / "bin" / "lotwatch").touch()
        before = (folder / name).stat().st_ctime_ns
        while (folder / name).stat().st_ctime_ns == before:  # a tick of the kernel
            (folder / name).rename(folder / "moved")
            (folder / "moved").rename(folder / name)


def test_a_version_that_stays_sends_the_oldest_away(world: World, tmp_path: Path) -> None:
    put_there(world, "0.0.9", "0.0.10", "0.1", "0.2")
    assert upgraded(world, tmp_path).stage == "kept"
    assert world.versions.names() == ["0.1", "0.2"]
    assert world.said[-1] == "removed 0.0.9, 0.0.10: older than the version before"


def test_what_ran_before_stays_however_old(world: World, tmp_path: Path) -> None:
    put_there(world, "0.1", "0.3", "0.2", "0.4", "0.5")
    assert upgraded(world, tmp_path).stage == "kept"
    assert world.versions.names() == ["0.1", "0.2", "0.4", "0.5"]


def test_nothing_goes_where_the_new_version_goes_or_nothing_can(world: World, tmp_path: Path) -> None:
    put_there(world, "0.0.9", "0.0.10", "0.1", "0.2")
    world.versions.read["0.2"] = []
    assert upgraded(world, tmp_path).stage == "returned"
    assert world.versions.names() == ["0.0.10", "0.0.9", "0.1", "0.2"]
    world.versions.read["0.2"] = world.versions.read["0.1"]
    for name in ("0.0.9", "0.0.10"):
        (world.versions.root / "versions" / name / "bin" / "lotwatch").unlink()  # not ours: no version
    assert upgraded(world, tmp_path).stage == "kept"
    assert (world.versions.root / "versions" / "0.0.9").is_dir()


def test_versions_that_cannot_be_removed_end_no_upgrade(world: World, tmp_path: Path, monkeypatch) -> None:
    def busy(*_: object) -> list[str]:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(world.versions, "prune", busy)
    assert upgraded(world, tmp_path).stage == "kept"
    assert world.said[-1].startswith("old versions stay: ")


@pytest.mark.parametrize("broken", [False, True])
def test_one_that_does_not_read_a_device_goes_again(broken: bool, world: World, tmp_path: Path) -> None:
    world.versions.read["0.2"] = ["dryer"]
    upgrade = work(world, tmp_path)
    plan = upgrade.begin("0.2", [Gateway("gw", str(tmp_path / "data"))], 60)
    if broken:  # it cannot even be asked
        world.versions.broken.add("0.2")
    plan = upgrade.run(plan)
    assert plan.stage == "returned"
    assert world.ns >= 60e9
    assert world.versions.current() == "0.1"
    assert world.said[-1] == "start gw with 0.1"
    told = tidings(tmp_path)
    assert told["kind"] == "upgrade_returned"
    assert ("Traceback" if broken else "press1") in str(told["facts"])
    assert (tmp_path / "data" / "journal.sqlite").read_text() == "as it was"


def test_a_journal_of_another_shape_is_set_aside_and_a_copy_goes_on(world: World, tmp_path: Path) -> None:
    world.versions.schemas["0.2"] = 9
    world.versions.read["0.2"] = []

    class Migrated(Fakes):
        def ask(self, name: str, *words: str) -> object:
            opened = "start gw with 0.2" in world.said and not (tmp_path / "data.of-0.2").exists()
            if name == "0.1" and words[1] == "heard" and opened:
                raise Unusable("0.1: schema 9, and this lotwatch knows 8")
            return super().ask(name, *words)

    world.versions.__class__ = Migrated
    assert upgraded(world, tmp_path).stage == "returned"
    assert world.versions.done == ["0.1 backup", "0.1 restore"]
    assert (tmp_path / "data.of-0.2" / "journal.sqlite").read_text() == "as it was"
    assert (tmp_path / "data" / "journal.sqlite").read_text() == "gone on"


def begun(world: World, tmp_path: Path, *more: str) -> tuple[Upgrade, Plan]:
    for name in more:
        (tmp_path / name).mkdir()
    given = [Gateway("gw", str(tmp_path / "data")), *(Gateway(name, str(tmp_path / name)) for name in more)]
    upgrade = work(world, tmp_path)
    return upgrade, upgrade.begin("0.2", given, 60)


def test_a_disk_too_full_for_the_copy_leaves_what_runs_running(world: World, tmp_path: Path) -> None:
    world.versions.schemas["0.2"] = 9
    world.versions.fails = {"backup"}
    plan = upgraded(world, tmp_path)
    assert (plan.stage, world.up) == ("returned", {"gw": "0.1"})
    assert "no space left" in plan.why
    assert world.versions.current() == "0.1"
    assert tidings(tmp_path)["kind"] == "upgrade_returned"


def test_a_service_that_does_not_stop_is_not_upgraded_under(world: World, tmp_path: Path) -> None:
    world.stuck = True
    plan = upgraded(world, tmp_path)
    assert (plan.stage, world.up, world.versions.current()) == ("returned", {"gw": "0.1"}, "0.1")
    assert "timed out" in plan.why


def test_a_version_that_does_not_start_goes_even_where_nothing_was_read(world: World, tmp_path: Path) -> None:
    world.versions.read = {"0.1": [], "0.2": []}  # the plant stands
    world.dies = "0.2"
    plan = upgraded(world, tmp_path)
    assert (plan.stage, world.up) == ("returned", {"gw": "0.1"})
    assert plan.why == "not ready within 60 s: gw"


def test_a_state_that_cannot_be_written_leaves_what_runs_running(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    upgrade, plan = begun(world, tmp_path)

    def full(*_: object) -> Plan:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("gateway.keeping.upgrade.write_plan", full)
    with pytest.raises(OSError, match="No space"):
        upgrade.run(plan)
    assert world.up == {"gw": "0.1"}


def test_one_journal_that_cannot_go_on_keeps_no_other_gateway_down(world: World, tmp_path: Path) -> None:
    world.versions.schemas["0.2"] = 9
    upgrade, plan = begun(world, tmp_path, "other")
    world.versions.fails = {"restore"}
    world.versions.read["0.2"] = []

    class Migrated(Fakes):
        def ask(self, name: str, *words: str) -> object:
            opened = "start gw with 0.2" in world.said
            if opened and name == "0.1" and words[-1].endswith("data"):
                raise Unusable("0.1: schema 9, and this lotwatch knows 8")
            return super().ask(name, *words)

    world.versions.__class__ = Migrated
    with pytest.raises(Unusable, match=r"gw: .*no space left on device; mend that"):
        upgrade.run(plan)
    assert world.up["other"] == "0.1"
    found = read_plan(tmp_path / "upgrade.json")
    assert found is not None
    assert found.stage == "returning"
    world.versions.fails = set()
    assert upgrade.run(found).stage == "returned"


def test_a_start_of_the_machine_between_stop_and_switch_copies_anew(world: World, tmp_path: Path) -> None:
    world.versions.schemas["0.2"] = 9
    upgrade, plan = begun(world, tmp_path)
    write_plan(tmp_path / "upgrade.json", upgrade._stop(plan))  # noqa: SLF001 # then the power goes
    world.up["gw"] = "0.1"  # and the machine starts what it starts
    found = read_plan(tmp_path / "upgrade.json")
    assert found is not None
    assert upgrade.run(found).stage == "kept"
    assert world.up == {"gw": "0.2"}
    assert world.versions.done == ["0.1 backup", "0.1 backup"]


def test_a_second_attempt_takes_no_copy_of_the_first(world: World, tmp_path: Path) -> None:
    (tmp_path / "data.before-0.2").mkdir()
    world.versions.schemas["0.2"] = 9
    plan = upgraded(world, tmp_path)
    assert plan.gateways[0].copy == str(tmp_path / "data.before-0.2-2")


@pytest.mark.parametrize("set_to", [10**9, 3 * 10**18])
def test_a_clock_that_is_set_makes_no_probation_longer_or_shorter(
    set_to: int, world: World, tmp_path: Path
) -> None:
    world.versions.read["0.2"] = []
    world.ns = 10**18
    upgrade, plan = begun(world, tmp_path)
    plan = upgrade._switch(upgrade._stop(plan))  # noqa: SLF001 # then the clock is set
    world.ns = set_to
    assert upgrade.run(plan).stage == "returned"
    assert world.ns == set_to + 60 * 10**9


def test_power_cuts_take_nothing_of_the_probation_and_add_little(world: World, tmp_path: Path) -> None:
    world.versions.read["0.2"] = []
    upgrade = work(world, tmp_path)
    plan = upgrade.begin("0.2", [Gateway("gw", str(tmp_path / "data"))], 600)
    plan = upgrade._switch(upgrade._stop(plan))  # noqa: SLF001

    def until(seconds: float) -> float:
        """The power goes after so long; how much of the probation was spent by then."""
        world.boot_ns, world.ends_ns = 0, world.ns + round(seconds * 1e9)
        with pytest.raises(PowerCut):
            work(world, tmp_path).run(read_plan(tmp_path / "upgrade.json") or plan)
        return (read_plan(tmp_path / "upgrade.json") or plan).spent_s

    assert until(300) == 295  # at the last look before it
    assert until(300) == 590
    world.boot_ns, world.ends_ns, began = 0, NEVER, world.ns
    assert work(world, tmp_path).run(read_plan(tmp_path / "upgrade.json") or plan).stage == "returned"
    assert world.ns - began == 60 * 10**9  # a gateway takes time to start


def test_one_upgrade_at_a_time(world: World, tmp_path: Path) -> None:
    upgrade, _ = begun(world, tmp_path)
    with pytest.raises(Unusable, match="under way \\(begun\\): lotwatch upgrade resume"):
        upgrade.begin("0.2", [])
    state = tmp_path / "upgrade.json"
    with alone(state), pytest.raises(Unusable, match="another process"), alone(state):
        pass
    for text in ("{", "[]", '{"gateways": [{"unit": 1}]}', '{"gateways": [], "silent": []}'):
        state.write_text(text)
        with pytest.raises(Unusable, match="it does not say how far"):
            read_plan(state)


@pytest.mark.parametrize("reads", [True, False])
@pytest.mark.parametrize("words", range(6))
def test_a_power_cut_at_any_word_is_gone_on_from(
    words: int, reads: bool, world: World, tmp_path: Path
) -> None:
    if not reads:
        world.versions.read["0.2"] = []
    world.cut_after = words
    try:
        plan = upgraded(world, tmp_path)
    except PowerCut:
        world.cut_after = 10_000
        found = read_plan(tmp_path / "upgrade.json")
        assert found is not None
        plan = work(world, tmp_path).run(found)
    assert plan.stage == ("kept" if reads else "returned")
    assert plan.gateways[0].devices == ("press1", "dryer")
    assert (
        world.said[-1]
        == f"{'0.2 reads every device that 0.1 read: it stays' if reads else 'start gw with 0.1'}"
    )
    assert world.versions.current() == ("0.2" if reads else "0.1")


@pytest.mark.parametrize(("name", "said"), [("0.3", "no version 0.3"), ("0.1", "runs already")])
def test_versions_that_cannot_be_upgraded_to(name: str, said: str, world: World, tmp_path: Path) -> None:
    with pytest.raises(Unusable, match=said):
        work(world, tmp_path).begin(name, [])
    assert read_plan(tmp_path / "upgrade.json") is None


def test_versions_answer_or_say_why_not(tmp_path: Path) -> None:
    versions = Versions(tmp_path)
    with pytest.raises(Unusable, match="is lotwatch installed there"):
        versions.current()
    with pytest.raises(Unusable, match="no version x"):
        versions.put("x")
    for name, script in {"bad": "exit 3", "odd": "echo no json"}.items():
        program = tmp_path / "versions" / name / "bin" / "lotwatch"
        program.parent.mkdir(parents=True)
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o755)
    with pytest.raises(Unusable, match="ended with 3"):
        versions.ask("bad", "upgrade", "schema")
    with pytest.raises(Unusable, match="not JSON"):
        versions.ask("odd", "upgrade", "schema")
    assert versions.names() == ["bad", "odd"]
