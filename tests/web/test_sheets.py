"""What people take away: papers, packages, the sheet of a shift on one page; and the screen on the wall."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from gateway.recall.package import package_of
from tests.web.conftest import BOX, HOSTILE, PATIENCE_MS, RESIN, Box, Watched


def test_papers_and_packages_of_a_lot_are_had_with_a_click(watched: Watched) -> None:
    page = watched.open(f"/lot?lot={BOX}")
    for name, begins in (("English", b"%PDF-1."), ("中文", b"%PDF-1."), ("EPCIS", b'{"@context"')):
        with page.expect_download() as had:
            page.locator(".files").get_by_role("link", name=name).first.click()
        assert had.value.path().read_bytes().startswith(begins)
    page = watched.open(f"/lot?lot={RESIN}")
    with page.expect_download() as had:
        page.get_by_role("link", name="Recall package").click()
    package = package_of(had.value.path().read_bytes())
    assert BOX in [row["lot"] for row in package["answer"]["lots"]]
    assert package["epcis"]["type"] == "EPCISDocument"


def test_a_lot_is_held_and_released_where_it_is_seen(watched: Watched, box: Box) -> None:
    box.enter("make", lot="AGAIN", kg=2.0, kind="box", inputs=[{"lot": RESIN, "kg": 2.0}])
    page = watched.open("/lot?lot=AGAIN")
    page.get_by_role("button", name="Hold").click()
    page.fill("dialog input[name=reason]", HOSTILE)
    page.locator("dialog button.main").click()
    expect(page.locator(".trouble")).to_contain_text("This lot is held")
    expect(page.locator("main")).to_contain_text(HOSTILE)
    page.get_by_role("button", name="Release").click()
    page.fill("dialog input[name=reason]", "looked at")
    page.locator("dialog button.main").click()
    expect(page.locator(".trouble")).to_have_count(0)


def test_the_threshold_hides_what_is_below_it_and_the_address_says_so(watched: Watched) -> None:
    page = watched.open(f"/lot?lot={RESIN}")
    into = page.locator("section", has=page.get_by_role("heading", name="Went into boxes"))
    expect(into).to_contain_text(BOX)
    page.locator("input[type=range]").press("End")  # 100 %
    expect(page.locator(".filters label")).to_contain_text("from 100 % on")
    assert "min_share=1" in page.url


def test_a_note_goes_to_the_next_shift_on_one_sheet_of_paper(watched: Watched) -> None:
    page = watched.open("/shift")
    page.get_by_role("button", name="Write a note").click()
    page.fill("dialog textarea[name=text]", HOSTILE)
    page.locator("dialog button.main").click()
    expect(page.locator(".note")).to_contain_text(HOSTILE)
    paper = page.pdf(format="A4", prefer_css_page_size=True)
    assert len(re.findall(rb"/Type /Page\b", paper)) == 1


@pytest.mark.parametrize(
    "watched",
    [{"viewport": {"width": 1920, "height": 1080}, "color_scheme": "dark"}],
    indirect=True,
    ids=["tv"],
)
def test_the_screen_on_the_wall_goes_round_and_comes_back_by_itself(watched: Watched, box: Box) -> None:
    page = watched.open("/tv?seconds=5")
    place = page.locator(".wallbar .dim")
    expect(place).to_have_text(re.compile("^1/"))
    expect(place).to_have_text(re.compile("^2/"))
    assert page.evaluate("document.documentElement.scrollHeight <= innerHeight")
    box.kill()
    expect(page.locator(".live")).to_have_text("not live")
    with page.expect_event("load", timeout=PATIENCE_MS):  # it loads anew
        box.start_again()
    expect(page.locator(".live")).to_have_text("live")
    watched.complaints.clear()  # of a server that was not there
