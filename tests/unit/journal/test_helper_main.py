"""`python -m gateway.journal.helper`, its streams played here: an answer a line, and an exit code that is true."""

from __future__ import annotations

import io
import os
import sys
from types import SimpleNamespace

import orjson
import pytest

from gateway.journal import helper
from gateway.journal.pack import WINDOW_NS
from tests.unit.journal.plant import T0
from tests.unit.journal.test_sealer import filled


@pytest.fixture
def answered(monkeypatch: pytest.MonkeyPatch):
    """Answers the request; its exit code and lines. It does not step back here, for that would be for good."""
    monkeypatch.setattr(helper, "step_back", lambda: None)

    def ask(request: object) -> tuple[int, list[dict[str, object]]]:
        said = io.BytesIO()
        data = io.BytesIO(request if isinstance(request, bytes) else orjson.dumps(request))
        monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=data))
        monkeypatch.setattr(sys, "stdout", SimpleNamespace(buffer=said))
        code = helper.main()
        return code, [orjson.loads(line) for line in said.getvalue().splitlines()]

    return ask


def test_it_seals_says_so_and_ends_well(journal, answered) -> None:
    filled(journal)
    asked = {"do": "seal", "folder": str(journal.folder), "before": T0 // WINDOW_NS + 2}
    code, lines = answered(asked)
    assert code == 0
    assert lines[-1] == {"done": True}
    assert sum(len(line["chunks"]) for line in lines[:-1]) == 2


def test_what_it_cannot_do_is_said_and_no_success(answered, tmp_path) -> None:
    asked = {"do": "seal", "folder": str(tmp_path), "before": 1}
    code, [line] = answered(asked)
    assert code == 1
    assert "no journal here" in line["error"]


def test_with_the_daemon_gone_it_ends_without_a_word(journal, answered, monkeypatch) -> None:
    filled(journal)
    read, write = os.pipe()
    os.close(read)
    asked = {"do": "seal", "folder": str(journal.folder), "before": T0 // WINDOW_NS + 2}
    del answered  # for its step_back
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(orjson.dumps(asked))))
    with os.fdopen(write, "wb") as pipe:
        monkeypatch.setattr(sys, "stdout", SimpleNamespace(buffer=pipe, fileno=pipe.fileno))
        assert helper.main() == 1
