"""The audit: added to and never changed; what is changed, taken out or torn off is found."""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.clock import VirtualClock
from lotwatch_writer.audit import NAME, TORN, Audit, AuditBroken, AuditBusy, read, rows_of


@pytest.fixture
def made(tmp_path):
    with Audit(tmp_path, VirtualClock()) as audit:
        for number in range(5):
            audit.append("begun", number=number, text="ein Wörtchen 原因")
    return tmp_path


def test_rows_are_chained_and_read_again(made) -> None:
    rows = read(made)
    assert [(row.n, row.facts["number"]) for row in rows] == [(n + 1, n) for n in range(5)]
    assert [row.before for row in rows[1:]] == [row.hash for row in rows[:-1]]
    with Audit(made, VirtualClock()) as audit:
        assert audit.append("begun").n == 6
    assert len(read(made)) == 6
    assert (made / NAME).stat().st_mode & 0o777 == 0o640


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_change_of_any_row_is_found(made, data) -> None:
    """One bit anywhere but in the newest row, of which no other knows; there what is said must still be a row."""
    whole = (made / NAME).read_bytes()
    last = whole[:-1].rfind(b"\n") + 1
    at, bit = data.draw(st.integers(0, last - 1)), data.draw(st.integers(0, 7))
    changed = whole[:at] + bytes((whole[at] ^ 1 << bit,)) + whole[at + 1 :]
    with pytest.raises(AuditBroken, match=r"no row|does not follow|has number"):
        list(rows_of(changed))


def test_rows_taken_out_put_in_or_turned_round_are_found(made) -> None:
    lines = (made / NAME).read_bytes().splitlines(keepends=True)
    for order in ([0, 2, 3], [1, 2], [0, 0, 1], [0, 2, 1], [0, 1, 1, 2]):
        with pytest.raises(AuditBroken):
            list(rows_of(b"".join(lines[each] for each in order)))


@pytest.mark.parametrize("size", [1, 17, 60, 100])
def test_a_torn_line_is_set_aside_and_told(made, size) -> None:
    whole = (made / NAME).read_bytes()
    (made / NAME).write_bytes(whole[: len(whole) - size])
    assert len(read(made)) == 4  # who only looks sees whole rows
    with Audit(made, VirtualClock()) as audit:
        assert [row.kind for row in audit.rows] == ["begun"] * 4 + ["torn"]
    lost = whole.splitlines(keepends=True)[-1]
    assert (made / TORN).read_bytes() == lost[: len(lost) - size] + b"\n"
    assert len(read(made)) == 5


def test_a_broken_audit_is_not_gone_on_with(made) -> None:
    whole = (made / NAME).read_bytes()
    (made / NAME).write_bytes(whole.replace(b'"number":1', b'"number":7'))
    with pytest.raises(AuditBroken, match="row 3 does not follow row 2"):
        Audit(made, VirtualClock())
    assert (made / NAME).read_bytes() == whole.replace(b'"number":1', b'"number":7')
    (made / NAME).write_bytes(whole)
    Audit(made, VirtualClock()).__exit__()  # its lock was let go of


def test_one_writer_at_a_time(made) -> None:
    with Audit(made, VirtualClock()), pytest.raises(AuditBusy, match="another writer"):
        Audit(made, VirtualClock())


@pytest.mark.parametrize("fails", ["write", "half", "fsync"])
def test_a_row_that_the_disk_did_not_take_is_none(made, fails, monkeypatch) -> None:
    before = (made / NAME).read_bytes()
    with Audit(made, VirtualClock()) as audit:
        write, fsync = os.write, os.fsync

        def full(*_):
            raise OSError(28, "No space left on device")

        if fails == "fsync":
            monkeypatch.setattr(os, "fsync", full)
        else:
            monkeypatch.setattr(
                os, "write", full if fails == "write" else lambda fd, data: write(fd, data[: len(data) // 2])
            )
        with pytest.raises(OSError, match=r"No space|half a row"):
            audit.append("begun")
        assert (made / NAME).read_bytes() == before
        monkeypatch.setattr(os, "write", write)
        monkeypatch.setattr(os, "fsync", fsync)
        assert audit.append("begun").n == 6
    assert len(read(made)) == 6
