"""One site that lives, and a real browser that looks at it. Every test in this folder is marked `system`."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from gateway.model import Plain
from tests.system.servers import find_program
from tests.web.box import PATIENCE_S
from tests.web.site import BOX, HOSTILE, PASSWORD, PEOPLE, RESIN, Site

PATIENCE_MS = PATIENCE_S * 1000
_ROOT = Path(__file__).parents[2]
AXE = _ROOT / "node_modules" / "axe-core" / "axe.min.js"
DESK = {"locale": "en-GB", "color_scheme": "light", "viewport": {"width": 1280, "height": 800}}
PHONE = {"locale": "zh-CN", "color_scheme": "dark", "viewport": {"width": 390, "height": 844}}
WALL = {"locale": "en-GB", "color_scheme": "dark", "viewport": {"width": 1920, "height": 1080}}
LOOKS = {"desk": DESK, "phone-zh": PHONE}
"""At a desk each page is looked at as on a wall too, without loading it anew."""
Cookies = dict[str, list[Any]]
WORDS = _ROOT / "gateway" / "web" / "words" / "en.json"
_KEYS = r"""(words) => [...document.body.innerText.matchAll(/[a-z]\w*(\.[\w ]+)+|\{[a-z]+\}/g)]
    .map((found) => found[0]).filter((each) => each.startsWith("{") || each in words)"""
"""Keys of words (`ack.cause`) that stand there instead of them, and holes (`{n}`) that nobody filled."""
expect.set_options(timeout=PATIENCE_MS)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = str(Path(__file__).parent) + os.sep
    for item in items:
        if str(item.path).startswith(here):
            item.add_marker(pytest.mark.system)


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Debian's chromium."""
    program = find_program("chromium")
    if program is None:
        pytest.skip("no chromium on this machine: .ci/debian.sh brings it")
    if not (_ROOT / "gateway" / "web" / "vendor" / "preact.js").exists():
        pytest.skip("the files of others that pages load are not here: .ci/npm.sh brings them")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def site(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One site for all tests of this folder, that has drifted before anybody looks."""
    del browser  # it comes first: without one there is nothing to start
    made = Site(tmp_path_factory.mktemp("site"))
    try:
        _furnish(made)
        made.has_lived()
        yield made
    finally:
        made.close()


def _furnish(made: Site) -> None:
    made.enter("make", lot=RESIN, kg=1000.0, kind="material", supplier_lot=HOSTILE)
    whole: dict[str, Plain] = {"lot": RESIN, "kg": 25.0, "sigma_kg": 0.01}
    made.enter(
        "make", lot=BOX, kg=25.0, sigma_kg=0.01, kind="box", inputs=[whole], order=HOSTILE, part=HOSTILE
    )
    made.enter("make", lot=HOSTILE, kg=1.0, kind="box", inputs=[{"lot": RESIN, "kg": 1.0}])
    made.enter("hold", lot=BOX, reason=HOSTILE)


class Watched:
    """A page, and everything that it complained about: errors, warnings, what its policy (CSP) kept out."""

    def __init__(self, browser: Browser, address: str, **wishes: object) -> None:
        context = browser.new_context(**{**DESK, **wishes})  # type: ignore[arg-type] # of playwright
        context.set_default_timeout(PATIENCE_MS)
        self.page: Page = context.new_page()
        self.complaints: list[str] = []
        self.page.on("pageerror", lambda error: self.complaints.append(f"error: {error}"))
        self.page.on("console", self._said)
        self.address, self._walled = address, wishes == DESK

    def _said(self, message: object) -> None:
        text = f"{getattr(message, 'type', '')}: {getattr(message, 'text', '')}"
        # 503: a busy or new helper says when to ask again, and the page does; what is shown then is what tests look at.
        if text.startswith(("error", "warning")) and not re.search(
            r"net::ERR_(CONNECTION|EMPTY_RESPONSE)|status of 503", text
        ):
            self.complaints.append(text)

    def open(self, path: str) -> Page:
        """Go there, and wait for its content."""
        self.page.goto(self.address + path)
        self.page.locator("main > :not(.waiting)").first.wait_for(timeout=PATIENCE_MS)
        return self.page

    def sign_in(self, name: str, known: Cookies) -> None:
        """As the form does it. Whose session stands takes its cookie along: a password takes a process."""
        context = self.page.context
        context.add_cookies(known.get(name, []))
        if context.request.get(f"{self.address}/me.json").json()["signed_in"]:
            return
        said = context.request.post(
            f"{self.address}/sign-in",
            data={"name": name, "password": PASSWORD},
            headers={"Origin": self.address},
        )
        assert said.ok, said.text()
        known[name] = list(context.cookies())

    def whole(self, path: str) -> None:
        """A page is as wide as the screen, says all in words, and axe finds nothing serious."""
        page = self.open(path)
        expect(page.locator(".waiting")).to_have_count(0)
        self._judge(path)
        if self._walled:
            self._look(WALL)
            self._judge(f"{path} on a wall")
            self._look(DESK)

    def _look(self, wishes: dict[str, Any]) -> None:
        self.page.emulate_media(color_scheme=wishes["color_scheme"])
        self.page.set_viewport_size(wishes["viewport"])

    def _judge(self, path: str) -> None:
        page = self.page
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{path} is too wide"
        found = page.evaluate(AXE.read_text("utf-8") + "; axe.run(document, {resultTypes: ['violations']})")
        serious = [each for each in found["violations"] if each["impact"] in {"serious", "critical"}]
        assert [each["id"] for each in serious] == [], path + json.dumps(serious, indent=1)[:3000]
        words = page.evaluate(_KEYS, json.loads(WORDS.read_text("utf-8")))
        assert words == [], f"{path} shows keys"

    def forgive(self, *words: str) -> None:
        """What it was told on purpose."""
        self.complaints[:] = [each for each in self.complaints if not any(word in each for word in words)]

    def close(self) -> None:
        """In the end there is no complaint."""
        self.page.context.close()
        assert self.complaints == []


Visit = Callable[..., Watched]


@pytest.fixture(scope="package")
def cookies() -> Cookies:
    """Of whoever is signed in, by name."""
    return {}


@pytest.fixture
def visit(browser: Browser, site: Site, cookies: Cookies) -> Iterator[Visit]:
    """`visit(name, **wishes)`: the site's pages as somebody who is signed in sees them, in English at a desk."""
    made: list[Watched] = []

    def come(name: str, **wishes: object) -> Watched:
        watched = Watched(browser, site.address, **wishes)
        made.append(watched)
        assert name in PEOPLE
        watched.sign_in(name, cookies)
        return watched

    yield come
    for each in made:
        each.close()
