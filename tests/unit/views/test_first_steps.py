"""The setup page: each state of each step has its words in both languages, and none is left without a next step."""

from __future__ import annotations

import json
from dataclasses import replace
from importlib import resources
from typing import cast

import pytest

from gateway.journal import JournalReader, open_readers
from gateway.site import Beyond, Broker, Database
from gateway.views.firststeps import steps
from tests.unit.journal.plant import T0, make_site
from tests.unit.serving.sites import fill

S = 1_000_000_000
ROOM = resources.files("gateway.web") / "words"
WORDS = {lang: json.loads((ROOM / f"{lang}.json").read_text("utf-8")) for lang in ("en", "zh")}


class Reader:
    """As much of a reader as the steps look at."""

    replica = False

    def __init__(self, site, newest_ns):
        self._site, self._newest_ns = site, newest_ns
        self.identity = type("Who", (), {"site": "plant", "gateway": "gw1"})

    def site(self):
        return self._site

    def span(self):
        return None if self._newest_ns is None else (0, self._newest_ns)


def standing(*, polls=5, dead=(), online=True, behind=0, synchronised=True):
    return {
        "clock": {"synchronised": synchronised}, "buses": [{"polls": polls, "dead": list(dead)}],
        "forwarding": [{"to": "mqtt b:1883", "online": online, "behind": behind}],
    }  # fmt: skip


def told(site, newest_ns=T0, **stands):
    found = steps([cast(JournalReader, Reader(site, newest_ns))], T0 + 60 * S, standing(**stands))
    for row in found:
        for words in WORDS.values():
            assert words[f"first.{row['step']}"]
            assert words[f"first.{row['step']}.{row.get('word', row['state'])}"]
            assert words[f"first.state.{row['state']}"]
    return {row["step"]: row["state"] for row in found}


SITE = make_site()
WHOLE = replace(
    SITE,
    broker=Broker("b"),
    database=Database("http://d"),
    web_beyond=Beyond("::", 8443, "c", "file:k", ("a",)),
)


def test_a_new_box_begins_with_what_it_lacks():
    assert told(replace(SITE, devices=(), buses=()), None, synchronised=False) == {
        "clock": "todo", "devices": "todo", "reading": "waiting", "plan": "todo", "broker": "choice",
        "database": "choice", "beyond": "choice",
    }  # fmt: skip


def test_a_box_that_is_set_up_is_done_but_for_its_plan():
    found = told(WHOLE)
    assert found.pop("plan") == "todo"
    assert set(found.values()) == {"done"}


@pytest.mark.parametrize(
    ("newest", "stands", "step", "state"),
    [
        (T0, {"dead": ["press1"]}, "devices", "todo"),
        (None, {"polls": 0}, "devices", "waiting"),
        (None, {}, "reading", "waiting"),
        (T0 - 600 * S, {}, "reading", "todo"),
        (T0, {"online": False, "behind": 7}, "broker", "todo"),
        (T0, {"online": False, "behind": 7}, "database", "waiting"),
        (T0, {"behind": 5_000}, "database", "waiting"),
        (T0, {"synchronised": False}, "clock", "todo"),
    ],
)
def test_each_trouble_is_a_step(newest, stands, step, state):
    assert told(WHOLE, newest, **stands)[step] == state


def test_before_its_config_is_there_it_says_so():
    assert told(None) == {"config": "waiting"}


def test_a_folder_of_replicas_has_steps_of_its_own(tmp_path):
    assert steps([], T0, None) == [{"step": "replicas", "state": "waiting", "n": 0}]
    fill(tmp_path, "beta")
    with open_readers(tmp_path)[0] as reader:
        now = [
            (row["step"], row["state"], row["n"]) for row in steps([reader], T0 + 150 * S, None) if "n" in row
        ]
        late = {row["step"]: row for row in steps([reader], T0 + 900 * S, None)}
    assert now == [("replicas", "done", 1), ("fresh", "done", 0), ("acting", "done", 0)]
    assert (late["fresh"]["state"], late["fresh"]["names"]) == ("todo", ["beta"])
    for words in WORDS.values():
        for name in (
            "replicas.waiting",
            "replicas.done",
            "fresh.todo",
            "fresh.done",
            "acting.done",
            "acting.choice",
        ):
            assert words[f"first.{name}"]
