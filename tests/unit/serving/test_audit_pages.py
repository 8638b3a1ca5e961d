"""The audit of many boxes: each journal counts its own entries, and going on to older ones leaves none out."""

from __future__ import annotations

import pytest

from gateway.journal import open_readers
from gateway.model import Entry, Instant, Noted, NumberedEvent, NumberedInput, Severity
from gateway.views.audit import comings
from gateway.web.pages import PAGES, audit
from gateway.web.pages.page import Asked
from tests.unit.journal.plant import T0, config
from tests.unit.serving.sites import S, replica, settled


@pytest.fixture
def readers(tmp_path):
    for name, step in (("acme", 1), ("beta", 3)):  # of one there are more in the same time
        inputs = [NumberedInput(1, config(settled(name), name))]
        inputs += [
            NumberedInput(
                seq,
                Entry("handover", Instant(T0 + seq * step * S, seq * S, 1), "17", {"text": f"{name} {seq}"}),
            )
            for seq in range(2, 9)
        ]
        came = Noted(T0, "sign_in_refused", "unknown", Severity.WARNING, {"from": "192.0.2.7"})
        with replica(tmp_path, name) as made:
            made.store(inputs, [NumberedEvent(1, 1, came)])
    found = open_readers(tmp_path)
    yield found
    for each in found:
        each.close()


def test_every_act_is_on_one_of_the_pages_and_on_one_only(readers, monkeypatch):
    monkeypatch.setattr(audit, "_SHOWN", 4)
    seen: list[str] = []
    given: dict[str, str] = {}
    while True:
        page = PAGES["audit"].data(Asked(readers, given, T0))
        seen += [row["body"]["text"] for row in page["acts"]]
        if not page["more"]:
            break
        given = {"before": page["older"]}
    assert sorted(seen) == sorted(f"{name} {seq}" for name in ("acme", "beta") for seq in range(2, 9))
    assert len(seen) == 14


def test_who_came_is_told_with_where_from(readers):
    (row,) = comings(readers[0])
    assert (row["site"], row["operator"], row["what"], row["from"]) == (
        "acme",
        "unknown",
        "sign_in_refused",
        "192.0.2.7",
    )
