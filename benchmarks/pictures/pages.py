"""Screenshots of the pages, from a demo that runs by itself: ``python -m benchmarks.pictures.pages [FOLDER]``.

Taken when the demo's planted drift has its alarm; in Debian's chromium. They change with every run, as a demo does.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from playwright.sync_api import Error, Page, expect, sync_playwright

from tests.system.servers import DIES_WITH_US, HOST, find_program, free_port

_SECONDS = 120
_PATIENCE_MS = 180_000.0
_SHOTS = (("now", "now", "light", "en-GB"), ("chart?id=regrind_share_ewma", "chart", "light", "en-GB"),
          ("now", "now-zh", "dark", "zh-CN"))  # fmt: skip


def main() -> int:
    """Take them."""
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "docs/screenshots")
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
            for path, name, scheme, locale in _SHOTS:
                context = browser.new_context(
                    color_scheme="dark" if scheme == "dark" else "light", locale=locale,
                    viewport={"width": 1100, "height": 760},
                )  # fmt: skip
                page = context.new_page()
                _open(page, f"http://{HOST}:{port}/{path}")
                page.screenshot(path=folder / f"{name}.png")
                context.close()
            browser.close()
    finally:
        demo.terminate()
        demo.wait()
    return 0


def _open(page: Page, address: str) -> None:
    """When the server is up, and what is worth a picture is there."""
    while True:
        try:
            page.goto(address)
            break
        except Error:  # the demo does not listen yet
            page.wait_for_timeout(500)
    wanted = ".story.s2" if "/now" in address else ".u-over"
    expect(page.locator(wanted).first).to_be_visible(timeout=_PATIENCE_MS)
    page.wait_for_timeout(1_500)  # for the live mark, and a sample or two more


if __name__ == "__main__":
    sys.exit(main())
