"""The operator's day: a box is scanned in, its label is found, an alarm is answered, the next shift is told."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.web.conftest import LOOKS, Visit
from tests.web.site import BOX, HOSTILE, Site

OPERATOR = "Chen Wei"


def wedge(page: Page, code: str) -> None:
    """As a scanner types that says it is a keyboard: faster than any finger."""
    page.evaluate(
        """(code) => {
            const field = document.activeElement;
            const now = performance.now(); // the times are the scanner's, however late this machine is
            [...code, "Enter"].forEach((key, at) => {
                const pressed = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true });
                Object.defineProperty(pressed, "timeStamp", { value: now + 5 * at });
                field.dispatchEvent(pressed);
                if (key.length === 1) field.value += key;
            });
        }""",
        code,
    )


def test_a_box_is_scanned_in_and_its_label_is_found_from_anywhere(visit: Visit, site: Site) -> None:
    page = visit(OPERATOR).open("/now")
    expect(page.locator(".live")).to_have_text("live")
    site.scanner.scan("BOX-SCANNED")
    row = page.locator("tr", has=page.get_by_role("link", name="BOX-SCANNED"))
    expect(row).to_contain_text("moulding/line1/cooling")  # by itself
    page.fill("header input[name=code]", "half a wo")
    page.focus("header input[name=code]")
    page.evaluate("window.same = true")
    wedge(page, "]C1BOX-SCANNED")
    page.wait_for_url("**/lot?code=BOX-SCANNED")
    expect(page.locator("h1")).to_have_text("BOX-SCANNED")
    expect(page).to_have_title("Lots - lotwatch")
    expect(page.locator("nav [aria-current]")).to_have_text("Lots")
    expect(page.locator("header input[name=code]")).to_have_value("half a wo")
    assert page.evaluate("window.same"), "another document takes a browser longer than the lot takes the box"
    page.go_back()
    expect(page.locator(".tiles")).to_be_visible()
    page.fill("header input[name=code]", BOX)
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text(BOX)
    expect(page.locator(".trouble")).to_contain_text("This lot is held")
    expect(page.get_by_role("button", name="Release")).to_have_count(0)  # that is for quality to say


def test_the_alarm_is_there_without_a_click_and_answered_in_three(visit: Visit, site: Site) -> None:
    page = visit(OPERATOR).open("/now")
    story = page.locator(".story")
    expect(story.locator("h1")).to_contain_text("moulding/line1/press")  # a drift
    for word in ("Since", "Lots", "Do"):
        expect(story.locator("dt", has_text=word)).to_be_visible()
    page.get_by_role("link", name="All alarms").click()
    alarm = page.locator(".alarm", has_text="press1/cushion").first
    expect(alarm).to_contain_text("Check the check ring and the dosing stroke; hold the box under the press.")
    alarm.get_by_role("button", name="Acknowledge").click()  # one
    expect(page.locator("dialog input[name=action]")).to_have_value("As the reaction plan says")
    page.fill("dialog input[name=cause]", HOSTILE)  # two: words
    wedge(page, BOX)  # a box is scanned meanwhile: it waits, and nothing that was typed is lost
    expect(page.locator("dialog").get_by_role("link", name=BOX)).to_have_attribute("target", "_blank")
    expect(page.locator("dialog input[name=cause]")).to_have_value(HOSTILE)
    page.locator("dialog button.main").click()  # three
    expect(page.locator("dialog")).to_have_count(0)
    expect(page.locator(".alarm:focus-within", has_text="press1/cushion").first).to_be_visible()
    expect(alarm.locator(".state").first).to_have_text("acknowledged")
    expect(alarm).to_contain_text(f"{HOSTILE} (something that can be mended), by 4711")
    alarms = site.look(lambda reader: reader.alarms())
    (facts,) = [each.facts or {} for each in alarms if each.subject == "press1_cushion"]
    assert (facts["cause"], facts["acknowledged_by"]) == (HOSTILE, "4711")


def test_the_next_shift_is_told_on_one_sheet_of_paper(visit: Visit) -> None:
    page = visit(OPERATOR).open("/shift")
    page.get_by_role("button", name="Write a note").click()
    page.fill("dialog textarea[name=text]", HOSTILE)
    page.locator("dialog button.main").click()
    expect(page.locator(".note")).to_contain_text(HOSTILE)
    paper = page.pdf(format="A4", prefer_css_page_size=True)
    assert len(re.findall(rb"/Type /Page\b", paper)) == 1


def test_scanners_are_told_from_fingers(visit: Visit) -> None:
    """30 scans of 6 to 48 keys, 2 to 34 ms apart; and 140 keys typed 60 to 300 ms apart, with Enter now and then."""
    found = (
        visit(OPERATOR)
        .open("/alarms")
        .evaluate(
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
    )
    assert found == [30, 0, "0195060001\x1d10AB"]


@pytest.mark.parametrize("look", LOOKS.values(), ids=LOOKS)
def test_their_pages_are_whole(visit: Visit, look: dict[str, object]) -> None:
    watched = visit(OPERATOR, **look)
    for path in ("/now", "/alarms", "/board", "/due", "/shift"):
        watched.whole(path)
