"""The sealer beside a helper process: what it asks, hears and does when that ends, falls silent or never listened.

A shell stands in for the helper here; the real one is in tests/system/test_journal_sealer.py.
"""

from __future__ import annotations

import asyncio

import orjson
import pytest

from gateway.clock import VirtualClock
from gateway.journal import Journal, JournalError
from gateway.journal.pack import WINDOW_NS
from gateway.journal.seal import HELPER_NS, Sealer
from tests.unit.journal.plant import T0
from tests.unit.journal.test_sealer import filled

BEFORE = T0 + 2 * WINDOW_NS


def sealer_with(journal: Journal, script: str, clock: VirtualClock | None = None) -> Sealer:
    return Sealer(journal, clock or VirtualClock(T0), helper=("/bin/sh", "-c", script))


def test_it_is_asked_for_one_folder_and_told_of_no_more_than_it_made(journal, tmp_path) -> None:
    filled(journal)
    heard = tmp_path / "heard"
    script = f"cat > {heard}; echo OPENBLAS $OPENBLAS_NUM_THREADS >> {heard}; echo '{{\"done\": true}}'"
    assert asyncio.run(sealer_with(journal, script).seal(BEFORE)) == 0
    asked, threads = heard.read_text().split("OPENBLAS ")
    folder = str(journal.folder.resolve())
    assert orjson.loads(asked) == {"do": "seal", "folder": folder, "before": BEFORE // WINDOW_NS}
    assert threads == "1\n"  # its idle threads would spin on the daemon's core


def test_nothing_is_started_where_nothing_is_over(journal, tmp_path) -> None:
    filled(journal)
    assert asyncio.run(sealer_with(journal, f"touch {tmp_path}/started").seal(T0)) == 0
    assert not (tmp_path / "started").exists()


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("cat > /dev/null; exit 3", "ended with code 3; the next round tries again"),
        ("exec 0<&-; exit 4", "ended with code 4"),  # without having listened
        ('cat > /dev/null; echo \'{"damaged": "one chunk"}\'; exit 5', "ended with code 5"),
        ("cat > /dev/null; echo nonsense; exec sleep 600", "says what no helper says: b'nonsense"),
    ],
)
def test_one_that_does_not_say_it_is_done_has_failed(journal, script, said) -> None:
    filled(journal)
    with pytest.raises(JournalError, match=said):
        asyncio.run(sealer_with(journal, script).seal(BEFORE))


def test_one_that_hangs_is_stopped_after_half_an_hour(journal) -> None:
    filled(journal)
    clock = VirtualClock(T0)

    async def story() -> None:
        sealing = asyncio.create_task(sealer_with(journal, "exec sleep 600", clock).seal(BEFORE))
        while not sealing.done():
            await clock.advance(60)
        await sealing

    with pytest.raises(JournalError, match="did not end within 30 minutes and was stopped"):
        asyncio.run(story())
    assert clock.boottime_ns() >= HELPER_NS
