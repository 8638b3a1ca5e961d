"""The demo as a stranger runs it: real processes, its account, its exit code, and the same with another broker."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import sync_playwright

from gateway.demo.play import NOTHING_READ
from gateway.journal import open_readers
from tests.system.listening import Listener, listeners
from tests.system.servers import DIES_WITH_US, Server, find_program

LOTWATCH = (sys.executable, "-m", "gateway")


PATIENCE = 600  # seconds, on a machine that is busy with something else; a green test never needs them


def demo(*options: str, environment: dict[str, str] | None = None) -> subprocess.CompletedProcess[bytes]:
    command = [*LOTWATCH, "demo", "--json", *options]
    return subprocess.run(command, capture_output=True, check=False, timeout=PATIENCE, env=environment)


class Running:
    """A demo in a session of its own, as in a terminal of its own, that goes on until it is told to end."""

    def __init__(self, *options: str) -> None:
        command = [*DIES_WITH_US, *LOTWATCH, "demo", "--json", *options]
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
        )
        self.story = ""

    def read_until(self, told: Callable[[str], bool]) -> None:
        """Read on until the story so far has that; it may also end before."""
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.story += line.decode()
            if told(self.story):
                return

    def ctrl_c(self) -> subprocess.CompletedProcess[bytes]:
        """As the terminal does it: the signal goes to everybody in the foreground."""
        os.killpg(self.process.pid, signal.SIGINT)
        out, err = self.process.communicate(timeout=PATIENCE)
        return subprocess.CompletedProcess("demo", self.process.returncode, out, self.story.encode() + err)


def summary_of(done: subprocess.CompletedProcess[bytes]) -> dict[str, Any]:
    assert done.stdout, done.stderr.decode()
    summary: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return summary


def run(*words: str | Path) -> subprocess.CompletedProcess[bytes]:
    command: Sequence[str] = [*LOTWATCH, *(str(word) for word in words)]
    return subprocess.run(command, capture_output=True, check=False, timeout=PATIENCE)


def has_shown_it_all(story: str) -> bool:
    """Some hundred readings, a signal, and lots at the line."""
    counts = [int(count.replace(",", "")) for count in re.findall(r"stored  ([\d,]+) readings", story)]
    return (
        max(counts, default=0) > 500 and "SIGNAL" in story and story.count("opened at moulding/line1/") >= 2
    )


LISTENED: set[Listener] = set()
"""What the kept demo listened on while it ran."""


FIRST_PAGE: dict[str, dict[str, Any]] = {}
"""What the first page of the kept demo said, by language, and what was drawn on it."""


def first_page(story: str) -> dict[str, dict[str, Any]]:
    """What somebody sees without a click who opens the address that was printed first; nothing without a browser."""
    chromium, address = find_program("chromium"), re.search(r"the pages: (http\S+)", story)
    if chromium is None:
        return {}
    assert address is not None, story
    found: dict[str, dict[str, Any]] = {}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for locale in ("en-GB", "zh-CN"):
            page = browser.new_page(locale=locale, viewport={"width": 1100, "height": 760})
            page.set_default_timeout(PATIENCE * 1000)
            page.goto(address[1])
            facts = page.locator(".story dl")
            facts.wait_for()
            page.locator(".story .wallchart").wait_for()
            box = facts.bounding_box()
            found[locale] = {
                "said": page.locator(".story").inner_text(),
                "times": page.locator(".story time").count(),
                "lots": page.locator(".story a.lot").all_inner_texts(),
                "drawn": page.locator(".story .wallchart").inner_html(),
                "bottom": box["y"] + box["height"] if box else None,
            }
        browser.close()
    return found


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any], str]:
    """One demo until it has shown it all, be it after a quarter of a minute or after two; its files kept."""
    folder = tmp_path_factory.mktemp("demo") / "kept"
    running = Running("--data", str(folder))
    running.read_until(has_shown_it_all)
    LISTENED.update(listeners(running.process.pid))
    FIRST_PAGE.update(first_page(running.story))
    done = running.ctrl_c()
    assert done.returncode == 0, done.stderr.decode()
    return folder, summary_of(done), done.stderr.decode()


def test_it_listens_to_this_machine_alone(kept: tuple[Path, dict[str, Any], str]) -> None:
    """Devices, broker, pages: all of it on loopback."""
    del kept
    assert len(LISTENED) >= 3
    assert {each for each in LISTENED if each.outside} == set()


def test_nothing_is_lost_a_planted_change_is_signalled_and_lots_move(
    kept: tuple[Path, dict[str, Any], str],
) -> None:
    _, summary, _ = kept
    assert (summary["lost"], summary["duplicated"]) == (0, 0)
    assert summary["readings"] > 500
    assert summary["values"] > summary["readings"]
    assert summary["lots"] >= 2
    assert summary["signals"] >= 1
    assert any(row["signalled"] for row in summary["planted"])
    assert {"tag", "time", "kind", "size", "signalled"} <= summary["planted"][0].keys()


@pytest.mark.parametrize(
    ("locale", "words"),
    [
        ("en-GB", ("went (up|down) by", "Since", "Lots", "Do")),
        ("zh-CN", ("(升高|降低)了", "开始于", "批次", "处置")),
    ],
)
def test_the_first_page_tells_the_drift_since_when_its_lots_and_what_to_do(
    kept: tuple[Path, dict[str, Any], str], locale: str, words: tuple[str, ...]
) -> None:
    """In the window of a laptop, without a click and without scrolling."""
    folder, summary, _ = kept
    if not FIRST_PAGE:
        pytest.skip("no chromium on this machine: .ci/debian.sh brings it")
    page = FIRST_PAGE[locale]
    tags = [row["tag"] for row in summary["planted"] if row["signalled"]]
    told = [tag for tag in tags if tag in page["said"]]
    assert told, page
    assert all(re.search(word, page["said"]) for word in words), page
    assert page["times"] >= 1
    with open_readers(folder / "journal")[0] as reader:
        alarms = [
            each for each in reader.alarms(closed=True) if each.tag == told[0] and each.kind == "signal"
        ]
    facts = alarms[0].facts or {}
    reaction = facts["reaction_zh"] if locale == "zh-CN" else alarms[0].reaction
    assert str(reaction) in page["said"]
    assert page["lots"]
    assert set(page["lots"]) <= set(alarms[0].lots)
    assert page["bottom"] < 760
    assert (
        page["drawn"].count(" d=") >= 4
    )  # value, centre line, two limits; of this chart the centre is one number
    assert "NaN" not in page["drawn"]


def test_the_planted_mistake_in_the_list_is_found_and_reward_and_scorecard_are_told(
    kept: tuple[Path, dict[str, Any], str],
) -> None:
    folder, summary, _ = kept
    balance, reward, card = (summary[name] for name in ("balance", "reward", "scorecard"))
    assert (folder / "declared.csv").exists()
    planted = balance["planted"]
    assert (balance["found"], planted["kind"]) in {(True, "digit_swap"), (True, "decimal_slip")}, balance[
        "words"
    ]
    wrong = [row for row in balance["declared"] if row["likely"]]
    assert [(row["item"], planted["line_no"] in row["lines"]) for row in wrong] == [(planted["item"], True)]
    assert len(balance["words"]) <= 10
    assert [row["who"] for row in reward["rows"]] == ["demo moulding/line1"]
    assert {row["number"] for row in card["rows"]} == {"rty", "otd", "ratio_mae", "residual_z"}
    # what it says one can see more of is there
    data = ("--data", folder / "replicas")
    listed = run("balance", *data, "--week", balance["week"], "--declared", folder / "declared.csv", "--json")
    assert json.loads(listed.stdout)["declared"] == balance["declared"]
    ranked = run("reward", *data, "--month", reward["month"], "--unfinished", "--json")
    assert json.loads(ranked.stdout)["hash"] == reward["hash"]


def test_the_story_tells_readings_a_signal_and_lots(kept: tuple[Path, dict[str, Any], str]) -> None:
    """That it does so within fifteen seconds of plant time is held by tests/unit/simulators/test_first_seconds.py."""
    _, _, story = kept
    told = [line for line in story.splitlines() if " s  " in line[:12]]
    assert has_shown_it_all("\n".join(told))
    seconds = [float(line.split(" s  ")[0]) for line in told]
    assert seconds == sorted(seconds)


def test_journal_and_replica_are_equal(kept: tuple[Path, dict[str, Any], str]) -> None:
    folder, _, _ = kept
    done = run("audit", "--json", "--journal", folder / "journal", "--replica", folder / "replicas")
    report = json.loads(done.stdout)
    assert (done.returncode, report["findings"]) == (0, [])
    assert report["compared"]["input"] > 500


def test_replaying_the_journal_gives_the_same_events(kept: tuple[Path, dict[str, Any], str]) -> None:
    folder, _, _ = kept
    done = run("replay", "--data", folder / "journal")
    assert done.returncode == 0, done.stderr.decode()


@pytest.mark.parametrize("where", ["journal", "replicas"])
def test_a_lot_is_found_in_journal_and_replica(kept: tuple[Path, dict[str, Any], str], where: str) -> None:
    folder, _, _ = kept
    with open_readers(folder / where)[0] as reader:
        lot = reader.lots()[0].lot
    for command in ("lot", "trace"):
        done = run(command, lot, "--data", folder / where, "--json")
        assert done.returncode == 0, done.stderr.decode()
        assert lot in done.stdout.decode()


def test_a_day_without_faults_gives_no_signal() -> None:
    done = demo("--seconds", "15", "--no-faults")
    summary = summary_of(done)
    assert done.returncode == 0
    assert (summary["signals"], summary["lost"], summary["duplicated"]) == (0, 0, 0)
    assert summary["planted"] == []
    assert (summary["balance"]["planted"], summary["balance"]["found"]) == (None, None)
    assert [row["likely"] for row in summary["balance"]["declared"]].count(
        None
    ) == 4  # a true list differs nowhere
    assert all(abs(row["z"]) <= 3.0 for row in summary["balance"]["declared"])


def test_without_mosquitto_amqtt_carries_it_and_the_demo_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A PATH without mosquitto is not enough: the demo looks into /usr/sbin too. So hide that place from it.
    hidden = tmp_path / "sitecustomize.py"
    hidden.write_text("import gateway.demo.broker\ngateway.demo.broker._SBIN = '/nowhere'\n", "utf-8")
    path = os.pathsep.join(
        place for place in os.environ["PATH"].split(os.pathsep) if not (Path(place) / "mosquitto").exists()
    )
    modules = os.pathsep.join(filter(None, (str(tmp_path), os.environ.get("PYTHONPATH"))))
    environment = {**os.environ, "PATH": path, "PYTHONPATH": modules}
    done = demo("--seconds", "8", environment=environment)
    summary = summary_of(done)
    assert "amqtt, MQTT 3.1.1" in summary["broker"]
    assert (done.returncode, summary["lost"], summary["duplicated"]) == (0, 0, 0)


def test_it_uses_the_broker_and_the_database_it_is_given(mosquitto: Server, victoria: Server) -> None:
    database = f"http://{victoria.host}:{victoria.port}"
    done = demo(
        "--seconds", "8", "--broker", f"mqtt://{mosquitto.host}:{mosquitto.port}", "--database", database
    )
    summary = summary_of(done)
    assert (done.returncode, summary["lost"], summary["duplicated"]) == (0, 0, 0)
    assert str(mosquitto.port) in summary["broker"]


@pytest.mark.parametrize(
    "moment",
    ["broker", "stored", pytest.param("opened at moulding/line1/blending", id="lot")],
)
def test_ctrl_c_ends_it_with_the_summary(moment: str) -> None:
    """At its first word, when nothing need have been read yet, and later."""
    running = Running()
    running.read_until(lambda story: moment in story)
    done = running.ctrl_c()
    assert done.returncode == 0, done.stderr.decode()
    summary = summary_of(done)
    assert (summary["lost"], summary["duplicated"]) == (0, 0)
    assert summary["readings"] or NOTHING_READ in done.stderr.decode()


def test_ctrl_c_while_it_starts_ends_it_with_the_summary(tmp_path: Path) -> None:
    running = Running("--data", str(tmp_path / "kept"))
    end = time.monotonic() + PATIENCE
    while not (tmp_path / "kept" / "simulators.log").exists():
        assert running.process.poll() is None
        assert time.monotonic() < end
        time.sleep(0.01)
    done = running.ctrl_c()
    assert done.returncode == 0, done.stderr.decode()
    summary = summary_of(done)
    assert (summary["lost"], summary["duplicated"]) == (0, 0)


def test_a_broker_that_is_not_there_is_told_without_a_traceback() -> None:
    done = demo("--seconds", "5", "--broker", "mqtt://127.0.0.1:1")
    assert done.returncode == 69
    assert b"Traceback" not in done.stderr
    assert b"127.0.0.1:1" in done.stderr


def test_a_folder_with_an_earlier_demo_is_refused(kept: tuple[Path, dict[str, Any], str]) -> None:
    folder, _, _ = kept
    done = demo("--seconds", "5", "--data", str(folder))
    assert done.returncode == 2
    assert b"holds an earlier demo" in done.stderr
