"""A calibration that nobody did reaches people by mail and webhook, through a kill, and is recorded by hand."""

from __future__ import annotations

import json
import signal
from pathlib import Path

import pytest

from gateway.journal import open_readers
from gateway.model import AlarmChanged, Noted
from tests.system.test_alarm_command import ANSWER, lotwatch, until
from tests.system.test_daemon import PATIENCE, Gateway
from tests.unit.ingest.http_server import Answering, serving
from tests.unit.tell.smtp_server import mail_server

SITE = """\
site: plant
gateway: gw1
lines: [{{area: hall, name: line1, cells: [press1]}}]
buses: []
devices: []
commit: ssd
shifts: [{{name: early, start: "06:00"}}, {{name: late, start: "18:00"}}]
plans: [plans/gauges.yaml]
alerts:
  mail: {{host: 127.0.0.1, port: {smtp}, security: none, sender: lotwatch@example.com}}
  people:
  - {{name: lead, mail_from: "file:{folder}/lead"}}
  - {{name: quality, webhook: "{url}/hook", key_from: "file:{folder}/hook-key", language: zh}}
  ladders:
  - name: standard
    steps: [{{tell: [owner]}}, {{after: 2s, tell: [quality]}}]
"""
PLAN = """\
plan: gauges
revision: B
owner: lead
escalation: standard
characteristics:
- id: colour
  about: colour of the part
  check: {every: shift, cell: hall/line1/press1}
  method: inspection
  usl: 0
  reaction: call the shift lead
duties:
- {name: balance, kind: calibration, days: 365, reaction: send it to the laboratory}
"""


def told(data: Path) -> list[tuple[str, str, str]]:
    """Who was told which step of what, and how, as committed."""
    with open_readers(data)[0] as reader:
        notes = [each.event for each in reader.events(1, 10_000) if isinstance(each.event, Noted)]
    return [(str(n.facts["who"]), str(n.facts["by"]), n.subject) for n in notes if n.kind == "told"]


def alarms(data: Path) -> list[AlarmChanged]:
    with open_readers(data)[0] as reader:
        return reader.alarms(closed=True)


@pytest.mark.system
def test_nobody_calibrates_the_balance(tmp_path: Path) -> None:
    data, config = tmp_path / "journal", tmp_path / "site.yaml"
    (tmp_path / "plans").mkdir()
    (tmp_path / "plans" / "gauges.yaml").write_text(PLAN, "utf-8")
    for name, text in (("lead", "ann@example.com\n"), ("hook-key", "k3y\n")):
        (tmp_path / name).touch(0o600)
        (tmp_path / name).write_text(text, "utf-8")
    with mail_server() as box, serving(Answering()) as hook:
        config.write_text(SITE.format(smtp=box.port, folder=tmp_path, url=hook.url), "utf-8")
        first = Gateway(config, data)
        first.wait_until_it_runs()
        until(lambda: len(told(data)) == 2)
        first.process.send_signal(signal.SIGKILL)
        first.process.communicate(timeout=PATIENCE)

        second = Gateway(config, data)
        second.wait_until_it_runs()
        [alarm] = alarms(data)
        assert {each[:2] for each in told(data)} == {("lead", "mail"), ("quality", "webhook")}
        [mail] = box.mails
        assert mail["Message-ID"].startswith(f"<{alarm.alarm}.1.lead.")
        assert json.loads(hook.asked[0].body)["alarm"] == alarm.alarm

        owed = lotwatch("plan", "due", "--data", data)
        assert (owed.returncode, owed.stdout.split()[1:]) == (1, ["missed", "balance", "calibration"])
        done = lotwatch("record", "balance", "ok", "--operator", "17", "--data", data)
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout == f"balance: done, not judged, late\n{alarm.alarm}: returned (version 2)\n"
        assert lotwatch("plan", "due", "--data", data).returncode == 0
        wrong = lotwatch("record", "balanse", "ok", "--operator", "17", "--data", data)
        assert wrong.returncode == 1
        assert (
            "balanse: there is no such check, and of another result the lot is needed: give --lot"
            in wrong.stderr
        )
        acked = lotwatch("alarm", "ack", alarm.alarm, *ANSWER, "--data", data)
        assert acked.returncode == 0
        second.process.send_signal(signal.SIGTERM)
        second.process.communicate(timeout=PATIENCE)
        assert second.process.returncode == 0
    assert len(hook.asked) == 1
    assert len(box.mails) == 1
    assert "ann@example.com" not in "".join(str(each.facts) for each in alarms(data))
