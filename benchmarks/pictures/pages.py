"""Screenshots of the pages, from a demo that runs by itself: ``python -m benchmarks.pictures.pages [FOLDER]``.

Taken when the demo's planted drift has its alarm, in Debian's chromium, one pixel for one. They change with every run,
as a demo does: they are made again when the pages look otherwise, and looked at. Each has the 256 colours that are
nearest to its own, so that it is small.
"""

from __future__ import annotations

import io
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Error, Page, expect, sync_playwright

from tests.system.servers import DIES_WITH_US, HOST, find_program, free_port

FOLDER = Path(__file__).parents[2] / "docs" / "screenshots"
MOST, MOST_ALL = 80_000, 600_000  # bytes of a picture, and of all
_SECONDS = 600  # it is ended before
_PATIENCE_MS = 180_000.0
_COLOURS = 256
_WIDE, _PHONE = (1200, 800), (390, 844)
_DRIFT = ".story.s2:has-text('regrind_share') .wallchart:has(.beyond)"  # the planted one, with what is beyond


@dataclass(frozen=True, slots=True)
class Shot:
    """One picture."""

    name: str
    path: str
    wanted: str  # a selector: what is to be there
    dark: bool = False
    locale: str = "en-GB"
    size: tuple[int, int] = _WIDE


SHOTS = (
    Shot("now", "now", _DRIFT),
    Shot("chart", "chart?id=regrind_share_ewma", ".chartcard .u-over"),
    Shot("alarms", "alarms", ".alarm"),
    Shot("lot", "lot?lot={box}", ".filters ~ .card .bar"),
    Shot("score", "score", "main h2"),
    Shot("chart-dark", "chart?id=regrind_share_ewma", ".chartcard .u-over", dark=True),
    Shot("now-phone-zh", "now", _DRIFT, locale="zh-CN", size=_PHONE),
)


def main() -> int:
    """Take them."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    chromium = find_program("chromium")
    if chromium is None:
        sys.stderr.write("no chromium on this machine: .ci/debian.sh brings it\n")
        return 1
    port = free_port()
    command = [sys.executable, "-m", "gateway", "demo", "--seconds", str(_SECONDS), "--port", str(port)]
    demo = subprocess.Popen([*DIES_WITH_US, *command], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
            sizes = [_taken(browser, f"http://{HOST}:{port}", shot, folder) for shot in SHOTS]
            browser.close()
    finally:
        demo.terminate()
        demo.wait()
    sys.stdout.write(f"{sum(sizes) / 1000:.0f} kB in all\n")
    return int(max(sizes) > MOST or sum(sizes) > MOST_ALL)


def _taken(browser: Browser, address: str, shot: Shot, folder: Path) -> int:
    """Its size in bytes."""
    width, height = shot.size
    context = browser.new_context(
        color_scheme="dark" if shot.dark else "light",
        locale=shot.locale,
        viewport={"width": width, "height": height},
    )
    page = context.new_page()
    page.set_default_timeout(_PATIENCE_MS)
    box = _box(page, address) if "{box}" in shot.path else ""
    _open(page, f"{address}/{shot.path.format(box=box)}", shot.wanted)
    path = folder / f"{shot.name}.png"
    taken = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    taken.quantize(_COLOURS, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE).save(path, optimize=True)
    context.close()
    size = path.stat().st_size
    sys.stdout.write(f"{path.name}: {size / 1000:.0f} kB{', too much' if size > MOST else ''}\n")
    return size


def _box(page: Page, address: str) -> str:
    """A box that is packed: it has a genealogy."""
    while True:
        shown = page.request.get(f"{address}/now.json").json()
        boxes = [row["lot"] for row in shown["lots"] if row["role"] == "product" and "packing" in row["cell"]]
        boxes += [row["subject"] for row in shown["alarms"] if row["kind"] == "shipped_held"]
        for box in boxes:
            found = page.request.get(f"{address}/lot.json", params={"lot": box, "part": "made"})
            if found.ok and found.json()["trace"]["backward"].get("sources"):
                return str(box)
        page.wait_for_timeout(500)


def _open(page: Page, address: str, wanted: str) -> None:
    """When the server is up, and what is worth a picture is there."""
    while True:
        try:
            page.goto(address)
            break
        except Error:  # the demo does not listen yet
            page.wait_for_timeout(500)
    expect(page.locator(wanted).first).to_be_visible(timeout=_PATIENCE_MS)
    expect(page.locator("main .waiting")).to_have_count(0, timeout=_PATIENCE_MS)
    page.wait_for_timeout(1_500)  # for the live mark, and a sample or two more
    expect(page.locator(wanted).first).to_be_visible(timeout=_PATIENCE_MS)  # still, or once more


if __name__ == "__main__":
    sys.exit(main())
