"""The technician's day: a new box, its first account, a device that answers, the first chart. Then they leave."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.system.servers import DIES_WITH_US
from tests.web.box import Box
from tests.web.conftest import LOOKS, Visit, Watched
from tests.web.site import HOSTILE, PASSWORD, Chiller

TAG = "sim/line1/unit1/r00000"
PLAN = f"""
characteristics:
- id: first_chart
  about: '{HOSTILE}'
  tag: {TAG}
  method: imr
  rules: [WE1]
  params: {{center: 32768, sigma: 30000}}
  sampling: {{every: reading}}
  reaction: Look at the machine.
"""


@pytest.fixture
def new_box(browser: Browser, tmp_path: Path) -> Iterator[tuple[Box, Chiller]]:
    """A box beside one device that is still switched off, and without a plan."""
    del browser
    device = Chiller()
    load = ("-m", "simulators", "load", "--devices", "1", "--registers", "4", "--port", str(device.port))
    write = subprocess.Popen(
        [*DIES_WITH_US, sys.executable, *load, "--write-site", str(tmp_path)], stdout=subprocess.PIPE
    )
    assert write.stdout is not None
    write.stdout.readline()
    write.kill()
    write.communicate()
    box = Box(tmp_path / "site.yaml", tmp_path)
    yield box, device
    box.kill()
    device.off()


def step(page: Page, name: str) -> Locator:
    """How a step of the setup stands, as its words say it."""
    return page.locator("li.step", has=page.get_by_role("heading", name=name))


def test_a_new_box_is_brought_to_its_first_chart(browser: Browser, new_box: tuple[Box, Chiller]) -> None:
    box, device = new_box
    watched = Watched(browser, box.address)
    page = watched.page
    page.goto(f"{box.address}/setup")
    expect(page.locator("h1")).to_have_text("The first account")
    expect(page.locator("main input[name=code]")).to_be_focused()
    name = 'Ada "<b>root</b>'
    for field, value in (("code", "AAAA-AAAA"), ("name", name), ("operator", "4711"), ("password", PASSWORD)):
        page.fill(f"main input[name={field}]", value)
    page.keyboard.press("Enter")
    expect(page.locator("[role=alert]")).to_contain_text("this is not the code")
    page.fill("main input[name=code]", box.code.lower())
    page.keyboard.press("Enter")
    expect(page.locator(".who")).to_contain_text(name)
    expect(step(page, "An account")).to_contain_text(f"signed in as {name}")
    watched.forgive("403")  # of the wrong code

    devices = step(page, "Devices")
    expect(devices).to_contain_text("These do not answer: unit1")
    expect(devices).to_contain_text("lotwatch probe")
    device.on()
    expect(devices).to_contain_text("All 1 answer.")
    expect(step(page, "The first reading")).to_have_class(re.compile("done"))

    plan = step(page, "The control plan")
    expect(plan).to_contain_text("Nothing is charted yet")
    (box.site.parent / "plan.yaml").write_text(PLAN, "utf-8")
    with box.site.open("a", encoding="utf-8") as file:
        file.write("\nplans: [plan.yaml]\n")
    box.kill()
    box.start_again()
    expect(plan).to_contain_text("1 characteristics are charted.")  # the page has come back by itself
    page.get_by_role("link", name="Charts", exact=True).click()
    page.get_by_role("link", name="first_chart").click()
    expect(page.locator(".plot canvas")).to_have_count(2)
    expect(page.locator("h1")).to_contain_text(HOSTILE)

    page.get_by_role("link", name="Box", exact=True).click()
    expect(page.locator("tbody")).to_contain_text("unit1")
    expect(page.locator("tbody .mark")).to_have_count(0)
    page.get_by_role("button", name="Sign out").click()
    expect(page.locator("h1")).to_have_text("Sign in")
    watched.forgive("401")  # of what was under way when they left
    watched.close()


@pytest.mark.parametrize("look", LOOKS.values(), ids=LOOKS)
def test_their_pages_are_whole(visit: Visit, look: dict[str, object]) -> None:
    watched = visit("Ada <b>root</b>", **look)
    for path in ("/setup", "/box", "/audit"):
        watched.whole(path)
