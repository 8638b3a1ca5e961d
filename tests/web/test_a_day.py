"""What people do with the pages, in a browser: look, scan, acknowledge, trace; and what goes wrong meanwhile."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from gateway.journal import open_readers
from gateway.web.pages import PAGES
from tests.web.conftest import BOX, HOSTILE, RESIN, Box, Watched

ROOT = Path(__file__).parents[2]
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
LOOKS = [
    {"locale": "en-GB", "color_scheme": "light", "viewport": {"width": 1280, "height": 800}},
    {"locale": "zh-CN", "color_scheme": "dark", "viewport": {"width": 390, "height": 844}},
    {"locale": "en-GB", "color_scheme": "dark", "viewport": {"width": 1920, "height": 1080}},
]


def test_the_alarm_is_there_without_a_click_and_answered_in_three(watched: Watched, box: Box) -> None:
    page = watched.open("/alarms")
    alarm = page.locator(".alarm").first
    expect(alarm.locator(".state")).to_have_text(re.compile("active|returned"))
    alarm.get_by_role("button", name="Acknowledge").click()  # one
    page.fill("dialog input[name=cause]", HOSTILE)  # two: words
    page.fill("dialog input[name=action]", "switched it on")
    page.locator("dialog button.main").click()  # three
    expect(page.locator("dialog")).to_have_count(0)
    expect(alarm.locator(".state")).to_have_text("acknowledged")
    expect(alarm).to_contain_text(HOSTILE)
    with open_readers(box.data)[0] as reader:
        (facts,) = [alarm.facts or {} for alarm in reader.alarms()]
    assert (facts["cause"], facts["acknowledged_by"]) == (HOSTILE, "4711")


def test_a_page_that_is_open_hears_of_what_is_committed(watched: Watched, box: Box) -> None:
    page = watched.open("/lot?lot=LATER")
    expect(page.locator("[role=alert]")).to_contain_text("no lot LATER here")
    expect(page.locator(".live")).to_have_class(re.compile("on"))
    box.enter("make", lot="LATER", kg=2.0, kind="box", inputs=[{"lot": RESIN, "kg": 2.0}])
    expect(page.locator("h1")).to_have_text("LATER")
    watched.complaints[:] = [
        each for each in watched.complaints if "404" not in each
    ]  # what it was told first


def test_a_scan_anywhere_finds_the_lot_and_spares_the_field(watched: Watched) -> None:
    page = watched.open("/alarms")
    page.fill("header input[name=code]", "half a wo")
    page.focus("header input[name=code]")
    page.evaluate(  # as a scanner does: faster than any finger
        """(code) => {
            const field = document.activeElement;
            for (const key of [...code, "Enter"]) {
                field.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
                if (key.length === 1) field.value += key;
            }
            window.left = field.value;
        }""",
        f"]C1{BOX}",
    )
    page.wait_for_url("**/lot?code=*")
    expect(page.locator("h1")).to_have_text(BOX)


def test_scanners_are_told_from_fingers(watched: Watched) -> None:
    """30 scans of 6 to 48 keys, 2 to 34 ms apart; and 140 keys typed 60 to 300 ms apart, with Enter now and then."""
    found = watched.open("/alarms").evaluate(
        """async () => {
            const { Burst } = await import("/static/scan.js");
            let ms = 0, scans = 0, typed = 0;
            for (let i = 0; i < 30; i++) {
                const burst = new Burst();
                for (let k = 0; k < 6 + (i * 7) % 43; k++) burst.key("0123456789"[k % 10], ms += 2 + (i + k) % 33);
                scans += burst.key(i % 2 ? "Enter" : "Tab", ms += 5) !== null;
            }
            const burst = new Burst();
            for (let k = 0; k < 140; k++) {
                ms += 60 + (k * 53) % 240;
                typed += burst.key(k % 9 === 8 ? "Enter" : "abcdefgh"[k % 8], ms) !== null;
            }
            const gs = new Burst();
            for (const key of "0195060001") gs.key(key, ms += 3);
            gs.key("]", ms += 3, true);
            for (const key of "10AB") gs.key(key, ms += 3);
            return [scans, typed, gs.key("Enter", ms += 3).code];
        }"""
    )
    assert found == [30, 0, "0195060001\x1d10AB"]


def test_a_lot_is_traced_both_ways_with_its_bound(watched: Watched) -> None:
    page = watched.open(f"/lot?lot={BOX}")
    made_of = page.locator("section", has=page.get_by_role("heading", name="Made of"))
    expect(made_of.locator("tbody tr")).to_have_count(1)
    expect(made_of).to_contain_text("25.000 kg ± 0.010")
    made_of.get_by_role("link", name=RESIN).click()
    into = page.locator(
        "section", has=page.get_by_role("heading", name="Went into boxes, pallets, shipments")
    )
    expect(into).to_contain_text(BOX)
    page.get_by_role("switch").click()
    expect(page.locator("section", has=page.get_by_role("heading", name="Any trace"))).to_contain_text(BOX)


def test_words_of_strangers_are_words(watched: Watched) -> None:
    page = watched.open("/lot?lot=" + "".join(f"%{byte:02X}" for byte in HOSTILE.encode()))
    expect(page.locator("h1")).to_have_text(HOSTILE)
    page = watched.open(f"/lot?lot={BOX}")  # it was held for a hostile reason
    expect(page.locator("main")).to_contain_text(HOSTILE)
    assert page.locator("main img").count() == 0
    assert page.title() == "Lots - lotwatch"


def test_the_gateway_is_killed_under_an_open_page(watched: Watched, box: Box) -> None:
    page = watched.open("/now")
    expect(page.locator(".live")).to_have_text("live")
    box.kill()
    expect(page.locator(".live")).to_have_text("not live")
    box.start_again()
    expect(page.locator(".live")).to_have_text("live")
    expect(page.locator("[role=alert]")).to_have_count(0)
    expect(page.locator(".who")).to_contain_text("Li Na")
    watched.complaints.clear()  # of a server that was not there


def test_a_session_that_ended_elsewhere_is_told(watched: Watched, box: Box) -> None:
    page = watched.open("/alarms")
    page.context.request.post(f"{box.address}/sign-out", data={}, headers={"Origin": box.address})
    page.get_by_role("button", name="Acknowledge").or_(
        page.get_by_role("button", name="Add to")
    ).first.click()
    page.fill("dialog input[name=cause]", "x")
    page.fill("dialog input[name=action]", "x")
    page.locator("dialog button.main").click()
    expect(page.locator("dialog [role=alert]")).to_contain_text("You are signed out")
    watched.complaints[:] = [each for each in watched.complaints if "401" not in each]


@pytest.mark.parametrize("watched", LOOKS, indirect=True, ids=["desk", "phone-zh", "tv"])
def test_every_page_in_every_look_is_whole(watched: Watched) -> None:
    for name in PAGES:
        page = watched.open(f"/{name}")
        expect(page.locator("nav a[aria-current=page]")).to_have_count(0 if name == "tv" else 1)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (
            f"{name} is wider than the screen"
        )
        found = page.evaluate(AXE.read_text("utf-8") + "; axe.run(document, {resultTypes: ['violations']})")
        serious = [each["id"] for each in found["violations"] if each["impact"] in {"serious", "critical"}]
        assert serious == [], json.dumps(found["violations"], indent=1)[:3000]
