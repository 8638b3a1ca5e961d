"""Pages in a browser: first paint, live, and from a scan to the painted genealogy on a plant of a million lots.

    python -m benchmarks pages [--lots 1000000] [--scans 50] [--loads 10] [--folder DIR] [--server] [--profile 8]

The daemon is `lotwatch run` on a journal that has the plant of benchmarks/genealogy_plant.py (`--folder` keeps it: a
million lots take minutes), with simulated devices that it polls meanwhile, and pages that anybody on this machine may
look at; the browser is Debian's chromium. A load is one in a new profile, with nothing cached. A scan is keys as a
scanner sends them, on any page; from Enter to the frame that shows what the lot is made of and where it went (the
hundred lots that were closed first), and to the one where all of them are counted. Scanned are lots of every kind drawn
at random, each once; of all of them together a kind counts as often as the plant has lots of it, for each is scanned
when it is made. Times are of the clock on the wall; `--server` measures the answers alone, in CPU time; `--profile`
takes so many more scans apart by the browser's trace, which slows them.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import shutil
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from playwright.async_api import Browser, Error, Page, async_playwright, expect

from benchmarks._browser_marks import PAINT, SCAN, TAKEN, WATCH
from benchmarks._page_answers import answered
from benchmarks._scan_profile import CATEGORIES, Profile, profile_of
from benchmarks._scan_profile import rows as profile_rows
from benchmarks._table import Row, crowded, machine, print_table
from benchmarks.genealogy_plant import BATCH, BLEND, BOX, MATERIAL, PALLET, REGRIND, SHIPMENT, plant
from benchmarks.lots import build
from benchmarks.viewers import Daemon, running
from gateway.journal.database import NAME
from tests.system.servers import HOST, find_program

LOTS, SCANS, LOADS = 1_000_000, 50, 10
PAINT_MS, LIVE_MS, SCAN_MS = 1_000, 2_000, 300
KINDS = {
    "resin": MATERIAL, "dose": BLEND, "regrind": REGRIND, "batch": BATCH, "box": BOX, "pallet": PALLET,
    "shipment": SHIPMENT,
}  # fmt: skip
PATIENCE_MS, LOOK_MS = 120_000, 50


@dataclass(frozen=True, slots=True)
class Scan:
    """One, in milliseconds."""

    kind: str
    made: float  # Enter to painted: what it is made of
    both: float  # and where it went
    server: float  # of both: the questions
    all: float  # and of every lot, where there are more than are shown at once


@dataclass(frozen=True, slots=True)
class Wanted:
    """How often."""

    scans: int
    loads: int
    profile: int


def asked(size: int, scans: int) -> list[tuple[str, str]]:
    """Kind and name of the lots that are scanned, the same for the same numbers."""
    made = plant(size)
    names, rng = made.names(), np.random.default_rng(7)
    each = -(-scans // len(KINDS))
    drawn = [
        (kind, names[lot])
        for kind, number in KINDS.items()
        for lot in rng.choice(made.of_kind(number), each, replace=False).tolist()
    ]
    return [drawn[place] for place in rng.permutation(len(drawn))][:scans]


def counted(size: int) -> dict[str, int]:
    """How many lots of each kind there are."""
    made = plant(size)
    return {kind: len(made.of_kind(number)) for kind, number in KINDS.items()}


async def loaded(browser: Browser, address: str) -> tuple[float, float]:
    """First contentful paint and live of a page that nothing is known of."""
    context = await browser.new_context()
    await context.add_init_script(WATCH)
    page = await context.new_page()
    await page.goto(address)
    await page.locator(".live.on").wait_for(timeout=PATIENCE_MS)
    found = await page.evaluate(PAINT)
    await context.close()
    return float(found["paint"]), float(found["live"])


async def scanned(page: Page, kind: str, lot: str) -> Scan:
    """A scan on whatever page is open, when that has all it asked for."""
    await expect(page.locator("main .waiting")).to_have_count(0, timeout=PATIENCE_MS)
    await page.evaluate(SCAN, lot)
    await page.wait_for_url(f"**/lot?code={lot}", wait_until="commit", timeout=PATIENCE_MS)
    for _ in range(PATIENCE_MS // LOOK_MS):  # the policy of the pages lets no script wait in them
        with contextlib.suppress(Error):  # between two documents there is none to be asked
            if found := await page.evaluate(TAKEN):
                return Scan(kind, *(float(found[name]) for name in ("made", "both", "server", "all")))
        await page.wait_for_timeout(LOOK_MS)
    raise SystemExit(f"{lot}: its genealogy was not painted")


async def looked(
    browser: Browser, daemon: Daemon, lots: list[tuple[str, str]], given: Wanted, of_kind: dict[str, int]
) -> list[Row]:
    """The figures."""
    address = f"http://{HOST}:{daemon.port}"
    await loaded(browser, f"{address}/now")  # the helper process starts
    times = [await loaded(browser, f"{address}/now") for _ in range(given.loads)]
    context = await browser.new_context()
    await context.add_init_script(WATCH)
    page = await context.new_page()
    await page.goto(f"{address}/now")
    await page.locator(".live.on").wait_for(timeout=PATIENCE_MS)
    scans = [await scanned(page, kind, lot) for kind, lot in lots[: given.scans]]
    apart = [await taken_apart(browser, page, kind, lot) for kind, lot in lots[given.scans :]]
    await context.close()
    paints, lives = (sorted(column) for column in zip(*times, strict=True))
    empty = sorted([await first_paint(browser, "data:text/html,<p>x") for _ in range(given.loads)])
    peer = f"an empty page {empty[len(empty) // 2]:.0f}, {empty[-1]:.0f} ms"
    return [
        _row(f"first contentful paint of {given.loads} loads: median, worst", paints, PAINT_MS, peer),
        _row("live: median, worst", lives, LIVE_MS),
        *_scan_rows(scans, of_kind),
        *(profile_rows(apart) if apart else ()),
    ]


async def taken_apart(browser: Browser, page: Page, kind: str, lot: str) -> Profile:
    """One more scan, with the browser's trace of it."""
    await browser.start_tracing(page=page, categories=CATEGORIES)
    await scanned(page, kind, lot)
    found = profile_of(await browser.stop_tracing())
    if found is None:
        raise SystemExit(f"{lot}: its trace has no marks")
    return found


async def first_paint(browser: Browser, address: str) -> float:
    """What this machine and browser take for a page with nothing on it."""
    context = await browser.new_context()
    page = await context.new_page()
    await page.goto(address)
    while (found := (await page.evaluate(PAINT))["paint"]) is None:
        await page.wait_for_timeout(LOOK_MS)
    await context.close()
    return float(found)


def _row(what: str, times: list[float], reach: int, peer: str = "") -> Row:
    worst = times[-1]
    got = f"{times[len(times) // 2]:.0f}, {worst:.0f} ms"
    return Row(what, peer, f"<= {reach:,} ms", got, reached=worst <= reach)


def _scan_rows(scans: list[Scan], lots: dict[str, int]) -> list[Row]:
    drawn = Counter(each.kind for each in scans)
    weight = np.array([lots[each.kind] / drawn[each.kind] for each in scans])
    both, made, server, every = (
        np.array([getattr(each, name) for each in scans]) for name in ("both", "made", "server", "all")
    )
    reach = f"p95 <= {SCAN_MS} ms"
    what = f"{len(scans)} scans, weighted, to what each lot is made of, painted: {_FORM}"
    first = f"... and the first hundred of where it went, painted: {_FORM}"
    rows = [
        Row(what, "", reach, _three(made, weight), reached=_p95(made, weight) <= SCAN_MS),
        Row(first, "", reach, _three(both, weight), reached=_p95(both, weight) <= SCAN_MS),
        Row(f"... and all of where it went: {_FORM}", "", "", _three(every, weight)),
        Row(f"  of the first hundred the server's answers: {_FORM}", "", "", _three(server, weight)),
    ]
    for kind in KINDS:
        mine = np.array([each.kind == kind for each in scans])
        if mine.any():
            same = np.ones(int(mine.sum()))
            got = f"{_three(both[mine], same)}; all {_three(every[mine], same)}"
            fits = _p95(both[mine], same) <= SCAN_MS
            rows.append(Row(f"  {kind}: painted; all counted", "", reach, got, reached=fits))
    return rows


_FORM = "median, p95, worst"
Floats = NDArray[np.float64]


def _quantile(times: Floats, weight: Floats, part: float) -> float:
    """The least time that so large a part of all scans, by weight, takes at most."""
    order = np.argsort(times)
    reached = np.cumsum(weight[order]) / weight.sum()
    return float(times[order][min(int(np.searchsorted(reached, part - 1e-12)), len(times) - 1)])


def _p95(times: Floats, weight: Floats) -> float:
    return _quantile(times, weight, 0.95)


def _three(times: Floats, weight: Floats) -> str:
    return f"{_quantile(times, weight, 0.5):.0f}, {_p95(times, weight):.0f}, {times.max():.0f} ms"


async def measured(folder: Path, size: int, given: Wanted) -> list[Row]:
    """With a copy of the plant's journal, so that a kept one stays as it was made."""
    program = find_program("chromium")
    if program is None:
        raise SystemExit("no chromium on this machine")
    lots = await asyncio.to_thread(asked, size, given.scans + given.profile)
    of_kind = await asyncio.to_thread(counted, size)
    with tempfile.TemporaryDirectory(prefix="lotwatch-pages-") as place:
        await asyncio.to_thread(shutil.copytree, folder, Path(place) / "journal")
        async with running(Path(place)) as daemon, async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
            rows = await looked(browser, daemon, lots, given, of_kind)
            await browser.close()
    return rows


def main(arguments: list[str]) -> None:
    """Run by ``python -m benchmarks pages``."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks pages")
    parser.add_argument("--lots", type=int, default=LOTS)
    parser.add_argument("--scans", type=int, default=SCANS)
    parser.add_argument("--loads", type=int, default=LOADS)
    parser.add_argument(
        "--folder", type=Path, help="keep the plant's journal here, or use the one that is here"
    )
    parser.add_argument("--server", action="store_true", help="the answers alone, in CPU time")
    parser.add_argument("--profile", type=int, default=0, help="scans that are taken apart besides")
    given = parser.parse_args(arguments)
    wanted = Wanted(given.scans, given.loads, given.profile)
    folder = given.folder or Path(tempfile.mkdtemp(prefix="lotwatch-plant-"))
    try:
        if not (folder / NAME).is_file():
            build(folder, given.lots, "load")
        if given.server:
            rows = answered(folder, asked(given.lots, given.scans))
        else:
            rows = asyncio.run(measured(folder, given.lots, wanted))
        print_table([*rows, crowded()])
    finally:
        if given.folder is None:
            shutil.rmtree(folder)
    print(f"{given.lots:,} lots; {machine()}")


if __name__ == "__main__":
    main(sys.argv[1:])
