"""Where the command line meets the shell, and what every command does with words and folders that cannot be."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from gateway.cli import main
from gateway.cli.output import Code, Exit
from gateway.cli.stored import FOREVER, between, refusal
from gateway.demo.story import line_of
from gateway.journal.errors import JournalBusy, JournalCorrupt, JournalForeign, JournalFull, JournalMissing
from gateway.model import AlarmChanged, Severity

LOTWATCH = f"{sys.executable} -m gateway"
DAMAGED = b"something else" * 500


def run(*words: object) -> Result:
    done = CliRunner().invoke(main, [str(word) for word in words])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done


def shell(line: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(["/bin/sh", "-c", line], capture_output=True, check=False)


@pytest.mark.parametrize("words", [("lot", "\udcff"), ("check", "x.yaml", "--set", "broker.host=\udcff")])
def test_bytes_that_are_no_text_are_refused_in_words(words: tuple[str, ...]) -> None:
    done = run(*words)
    assert done.exit_code == Code.USAGE
    assert "not UTF-8 text" in done.stderr


@pytest.mark.long
def test_output_that_nobody_can_keep_is_told_in_one_line() -> None:
    done = shell(f"{LOTWATCH} check --schema > /dev/full")
    assert (done.returncode, done.stderr.count(b"\n")) == (Code.TRY_LATER, 1), done.stderr
    assert b"the output is not whole" in done.stderr


@pytest.mark.long
def test_output_that_nobody_wants_is_no_trouble() -> None:
    assert shell(f"{LOTWATCH} check --schema >&-").returncode == 0
    assert shell(f"{LOTWATCH} check --schema | head -c 1").stderr == b""


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (JournalMissing("x"), 2),
        (JournalBusy("x"), 75),
        (JournalFull("x"), 75),
        (JournalCorrupt("x"), 1),
        (JournalForeign("x"), 1),
    ],
)
def test_a_journal_of_no_use_has_one_code_in_every_command(error: Exception, code: int) -> None:
    assert refusal(error).exit_code == code  # type: ignore[arg-type] # each of these is a JournalError


@pytest.mark.parametrize("before", [("lot", "L1"), ("trace", "L1"), ("replay",), ("export", "events")])
def test_commands_that_read_agree_on_codes(before: tuple[str, ...], tmp_path: Path) -> None:
    assert run(*before, "--data", tmp_path / "nowhere").exit_code == Code.USAGE
    (tmp_path / "journal.sqlite").write_bytes(DAMAGED)
    assert run(*before, "--data", tmp_path).exit_code == Code.FINDINGS


def test_an_empty_folder_name_is_not_the_folder_one_is_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert "it is empty" in run("export", "events", "--data", "").stderr
    assert run("init", "").exit_code == Code.USAGE
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("since", "until"),
    [("2026-11-21", "2026-11-20"), ("9999-01-01", None), (None, "0001-01-01"), ("\u00b2", None), ("", None)],
)
def test_times_that_cannot_be_are_refused(since: str | None, until: str | None) -> None:
    with pytest.raises(Exit) as caught:
        between(since, until)
    assert caught.value.exit_code == Code.USAGE
    assert "None" not in caught.value.message


def test_times_before_and_after_everything_mean_everything() -> None:
    assert between("0001-01-01", "9999-01-01") == between(None, None) == FOREVER


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--from", "2026-11-21", "--to", "2026-11-20"), "is not after"),
        (("--from", "\u00b2"), "write a time"),
        (("--database", "nonsense"), "write http://HOST:PORT"),
        (("--database", "http://h:99999"), "write http://HOST:PORT"),
    ],
)
def test_audit_never_calls_clean_what_it_did_not_compare(
    words: tuple[str, ...], said: str, tmp_path: Path
) -> None:
    done = run("audit", "--journal", tmp_path, "--replica", tmp_path, *words)
    assert done.exit_code == Code.USAGE
    assert said in done.stderr


def test_audit_wants_a_replica_that_is_there(tmp_path: Path) -> None:
    done = run("audit", "--journal", tmp_path, "--replica", tmp_path / "nowhere")
    assert done.exit_code == Code.USAGE
    assert "no such folder" in done.stderr


@pytest.mark.parametrize("url", ["mqtt://h:99999", "mqtt://h:port", "mqtt://", "http://h:1"])
def test_a_broker_that_cannot_be_is_a_usage_error(url: str, tmp_path: Path) -> None:
    done = run("ingest", "--broker", url, "--data", tmp_path / "replicas")
    assert done.exit_code == Code.USAGE
    assert "write mqtt://HOST:PORT" in done.stderr


def test_ingest_wants_the_name_of_a_site_and_a_folder_that_can_be(tmp_path: Path) -> None:
    words = ("ingest", "--broker", "mqtt://127.0.0.1:1", "--data")
    assert "write the name of a site" in run(*words, tmp_path, "--site", "a/#").stderr
    (tmp_path / "file").touch()
    done = run(*words, tmp_path / "file")
    assert done.exit_code == Code.FINDINGS
    assert "name another one" in done.stderr


@pytest.mark.parametrize(
    "words",
    [
        ("--seconds", "nan"),
        ("--seconds", "inf"),
        ("--speed", "nan"),
        ("--broker", "http://h:1"),
        ("--broker", "mqtt://h:99999"),
        ("--database", "nonsense"),
        ("--data", "/dev/null/x"),
    ],
)
def test_a_demo_that_cannot_be_is_refused_before_anything_starts(words: tuple[str, ...]) -> None:
    done = run("demo", *words)
    assert done.exit_code == Code.USAGE, done.output
    assert done.stderr


def test_a_lost_terminal_ends_a_long_command_in_good_order_but_not_under_nohup() -> None:
    code = "from gateway.cli.output import ending_signals; print(*[each.name for each in ending_signals()])"
    heard = "import signal; signal.signal(signal.SIGHUP, signal.SIG_DFL)"  # these tests may run under nohup
    plain = shell(f'{sys.executable} -c "{heard}; {code}"').stdout.split()
    assert plain == [b"SIGTERM", b"SIGINT", b"SIGHUP"]
    ignored = shell(f"trap '' HUP; {sys.executable} -c \"{code}\"").stdout.split()
    assert ignored == [b"SIGTERM", b"SIGINT"]


def test_the_story_names_what_an_alarm_without_a_tag_is_about() -> None:
    alarm = AlarmChanged(1, "a1", 1, "active", "stale", Severity.WARNING, "", "silo1/slow", "")
    assert line_of(alarm) == "ALARM   stale silo1/slow: active (version 1)."


@pytest.mark.long
def test_inputs_that_are_no_text_are_refused(tmp_path: Path) -> None:
    (tmp_path / "inputs").write_bytes(b"\xff\xfe")
    example = Path(__file__).parents[3] / "config" / "example" / "site.yaml"
    done = run("replay", "--inputs", tmp_path / "inputs", "--config", example)
    assert done.exit_code == Code.USAGE
    assert "is not UTF-8 text" in done.stderr
