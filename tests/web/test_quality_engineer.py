"""The quality engineer's day: a chart that drifts, why, a note, its alarm, an answer; a lot, its papers, a recall.

By mouse, finger and keys.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote, urljoin

import pytest
from playwright.sync_api import Download, Locator, Page, expect

from gateway.recall.package import package_of
from gateway.web.browser import files
from tests.web.conftest import LOOKS, Visit, Watched
from tests.web.site import BOX, HOSTILE, RESIN, Site, wait_for

ENGINEER = "Li Na"
CHART = "press2_part_weight"


def charted(engineer: Watched, more: str = "") -> Page:
    """The chart, when it is drawn."""
    page = engineer.open(f"/chart?id={CHART}{more}")
    expect(page.locator(".plot canvas")).to_have_count(2)
    return page


def span(page: Page) -> float:
    """Seconds that the address says are shown; 0: all."""
    found = re.search(r"from=(\d+)&to=(\d+)", page.url)
    return 0.0 if found is None else (int(found[2]) - int(found[1])) / 1000


def test_the_chart_says_why_without_a_click(visit: Visit) -> None:
    page = charted(visit(ENGINEER))
    why = page.locator(".why")
    expect(why).to_contain_text("WE1 One sample beyond a control limit.")
    expect(why).to_contain_text(re.compile(r"limits 4\d\.\d+ to 4\d\.\d+\."))
    expect(why).to_contain_text("The process changed at")
    expect(page.locator("h2", has_text="Capability")).to_be_visible()
    expect(page.locator("main")).to_contain_text("Weigh five parts by hand; check holding pressure.")


def test_a_span_is_chosen_by_mouse_by_finger_and_by_keys_and_the_link_keeps_it(visit: Visit) -> None:
    page = charted(visit(ENGINEER))
    box = page.locator(".u-over").first.bounding_box()
    assert box is not None
    left, right, middle = box["x"] + box["width"] * 0.3, box["x"] + box["width"] * 0.7, box["y"] + 60
    page.mouse.move(left, middle)
    page.mouse.down()
    page.mouse.move(right, middle, steps=4)
    page.mouse.up()
    page.wait_for_url(re.compile("from="))
    by_mouse = span(page)
    page.reload()
    expect(page.locator(".plot canvas")).to_have_count(2)
    assert span(page) == by_mouse
    page.locator(".chartcard").focus()
    page.keyboard.press("+")
    assert span(page) == pytest.approx(by_mouse / 2, abs=0.01)
    page.keyboard.press("0")
    assert span(page) == 0.0
    page.evaluate(
        """(at) => {
            const area = document.querySelector(".u-over");
            const say = (type, x) => area.dispatchEvent(new PointerEvent(type,
                { pointerId: 1, pointerType: "touch", clientX: x, clientY: at.y, bubbles: true }));
            area.setPointerCapture = () => {};
            say("pointerdown", at.from); say("pointermove", at.to); say("pointerup", at.to);
        }""",
        {"from": left, "to": right, "y": middle},
    )
    assert span(page) > 0


def test_a_note_stays_with_its_sample_for_everybody_and_is_words(visit: Visit, site: Site) -> None:
    page = charted(visit(ENGINEER))
    page.locator(".chartcard").focus()
    page.keyboard.press("Home")
    page.keyboard.press("n")
    page.fill("dialog textarea", HOSTILE)
    page.locator("dialog button.main").click()
    expect(page.locator("dialog")).to_have_count(0)
    expect(page.locator("section", has=page.get_by_role("heading", name="Notes"))).to_contain_text(HOSTILE)
    expect(page.locator(".why .note")).to_contain_text("by 17")
    assert page.locator("main img").count() == 0
    (event,) = site.look(lambda reader: [each.event for each in reader.events_of(0, ["sample_noted"])])
    assert getattr(event, "facts", {})["text"] == HOSTILE


def test_an_alarm_is_answered_by_keys_alone_in_three(visit: Visit, site: Site) -> None:
    for value in (42.0, 42.01, 43.0, 43.0):  # of a plan whose causes are strangers' words
        site.enter("result", result="part_gloss", value=value)
    page = visit(ENGINEER).open("/chart?id=part_gloss")
    page.get_by_role("link", name="To its alarm").click()
    alarm = page.locator(".alarm", has_text="part_gloss").first
    expect(alarm).to_be_focused()
    expect(alarm).to_contain_text(f"Clean the mould. {HOSTILE}")
    page.keyboard.press("a")  # one
    page.get_by_role("button", name="mould is dirty").press("Enter")  # two: of the plan's causes
    expect(page.locator("dialog input[name=cause]")).to_have_value("mould is dirty")
    page.locator("dialog button.main").press("Enter")  # three
    expect(page.locator("dialog")).to_have_count(0)
    expect(alarm.locator(".state").first).to_have_text("acknowledged")
    expect(page.locator(".pareto tbody tr", has_text="mould is dirty")).to_have_count(1)
    page.keyboard.press("s")
    page.fill("dialog input[name=reason]", HOSTILE)
    page.keyboard.press("Enter")
    expect(alarm.locator(".state").first).to_have_text("shelved")
    expect(alarm).to_contain_text(HOSTILE)
    page.keyboard.press("u")
    expect(alarm.locator(".state").first).to_have_text("acknowledged")
    page.keyboard.press("g")
    page.wait_for_url("**/chart?id=part_gloss*")
    expect(page.locator(".why")).to_contain_text("To its alarm")


def test_a_lot_is_traced_both_ways_with_its_bound(visit: Visit) -> None:
    page = visit(ENGINEER).open(f"/lot?lot={BOX}")
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
    assert "any=1" in page.url
    page.locator("input[type=range]").press("End")  # 100 %
    expect(page.locator(".filters label")).to_contain_text("from 100 % on")
    assert "min_share=1" in page.url


def address(page: Page, link: Locator) -> str:
    """Where a link leads."""
    return urljoin(page.url, link.get_attribute("href") or "")


def downloaded(page: Page, link: Locator) -> Download:
    """What a click brings; a browser that is short of time breaks one off, and then a person clicks again."""

    def once() -> Download | None:
        with page.expect_download() as had:
            link.click()
        return None if had.value.failure() else had.value

    return wait_for(once, "the file comes whole")


def test_a_box_of_the_press_has_its_charts_its_papers_and_a_recall_that_verifies(
    visit: Visit, site: Site, tmp_path: Path
) -> None:
    box = site.whole_box()
    page = visit(ENGINEER).open(f"/lot?lot={quote(box)}")
    made_of = page.locator("section", has=page.get_by_role("heading", name="Made of"))
    expect(made_of.locator("tbody tr").first).to_contain_text("%")
    stays = page.locator("section", has=page.get_by_role("heading", name="Where it was"))
    expect(stays.locator("summary").first).to_contain_text("moulding/line1/press")
    stays.locator("summary").first.click()
    expect(stays.locator("details[open] a[href^='/chart']").first).to_be_visible()
    for name, begins in (("English", b"%PDF-1."), ("中文", b"%PDF-1."), ("EPCIS", b'{"@context"')):
        file = downloaded(page, page.locator(".files").get_by_role("link", name=name).first)
        assert file.path().read_bytes().startswith(begins)
    resin = made_of.get_by_role("link").first
    source = resin.inner_text()
    resin.click()
    expect(page.locator("h1")).to_have_text(source)
    recall = page.get_by_role("link", name="Recall package")
    wait_for(lambda: page.request.get(address(page, recall)).ok or None, "a signed head of what is in it")
    downloaded(page, recall).save_as(tmp_path / "recall.json")
    package = package_of((tmp_path / "recall.json").read_bytes())
    assert box in [row["lot"] for row in package["answer"]["lots"]]
    assert package["epcis"]["type"] == "EPCISDocument"
    verify = [sys.executable, "-m", "gateway", "verify", str(tmp_path / "recall.json")]
    done = subprocess.run(verify, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_lot_is_held_and_released_where_it_is_seen(visit: Visit, site: Site) -> None:
    site.enter("make", lot="AGAIN", kg=2.0, kind="box", inputs=[{"lot": RESIN, "kg": 2.0}])
    page = visit(ENGINEER).open("/lot?lot=AGAIN")
    page.get_by_role("button", name="Hold").click()
    page.fill("dialog input[name=reason]", HOSTILE)
    page.locator("dialog button.main").click()
    expect(page.locator(".trouble")).to_contain_text("This lot is held")
    expect(page.locator("main")).to_contain_text(HOSTILE)
    page.get_by_role("button", name="Release").click()
    page.fill("dialog input[name=reason]", "looked at")
    page.locator("dialog button.main").click()
    expect(page.locator(".trouble")).to_have_count(0)


@pytest.mark.parametrize("look", LOOKS.values(), ids=LOOKS)
def test_their_pages_are_whole(visit: Visit, look: dict[str, object]) -> None:
    watched = visit(ENGINEER, **look)
    for path in (f"/chart?id={CHART}", "/chart", "/alarms?all=1", f"/lot?lot={BOX}&any=1"):
        watched.whole(path)


def test_scripts_and_sheets_are_small() -> None:
    """Compressed, all of them: 80 kB."""
    sent = {path: file for path, file in files().items() if path.endswith((".js", ".css"))}
    assert sum(len(file.packed) for file in sent.values()) <= 80_000
