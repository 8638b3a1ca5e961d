"""A daemon with pages, and a real browser that looks at them. Every test in this folder is marked `system`."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from gateway.door import words
from gateway.door.client import ask
from gateway.model import Plain
from tests.system.servers import DIES_WITH_US, HOST, find_program, free_port

os.environ["LOTWATCH_ACCEPT_CLOCK"] = "1"  # a test machine may have no time service
PATIENCE_MS = 180_000.0
HOSTILE = '"><img src=x onerror="document.title=1"><b>LOT</b>'
BOX, RESIN = "BOX-000042", "RESIN-7"
NAME, PASSWORD = "Li Na", "correct horse battery"
_ROOT = Path(__file__).parents[2]
expect.set_options(timeout=PATIENCE_MS)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.system)


class Box:
    """A gateway with one device that is switched off, so that there is an alarm; and lots that a person made."""

    def __init__(self, site: Path, folder: Path) -> None:
        self.site, self.data, self.port = site, folder / "journal", free_port()
        self.log = folder / "log"
        self.process = self._started()

    @property
    def address(self) -> str:
        return f"http://{HOST}:{self.port}"

    @property
    def code(self) -> str:
        """For the first account, as the log says it."""
        found = re.findall(r"with code ([A-Z2-7]{4}-[A-Z2-7]{4})", self.log.read_text("utf-8"))
        return str(found[-1])

    def _started(self) -> subprocess.Popen[bytes]:
        settings = ("broker.port=1", f"web.port={self.port}", "commit=ssd")
        given = [part for setting in settings for part in ("--set", setting)]
        command = [sys.executable, "-m", "gateway", "run", str(self.site), "--data", str(self.data), *given]
        with self.log.open("wb") as log:
            process = subprocess.Popen([*DIES_WITH_US, *command], stdout=log, stderr=log)
        end = time.monotonic() + PATIENCE_MS / 1000
        while not self._answers():
            assert process.poll() is None, self.log.read_text("utf-8")
            assert time.monotonic() < end, "it does not come up"
            time.sleep(0.1)  # between looks at a process of its own
        return process

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.address}/health/live", timeout=30) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def kill(self) -> None:
        """As a power cut does."""
        self.process.kill()
        self.process.communicate()

    def start_again(self) -> None:
        """The same journal, the same port."""
        self.process = self._started()

    def enter(self, act: str, **body: Plain) -> None:
        """What a person enters at the box."""
        ask(self.data, words.request(act, "17", body))


@pytest.fixture(scope="package")
def dead_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site of one device, that is switched off."""
    folder = tmp_path_factory.mktemp("site")
    load = ("-m", "simulators", "load", "--devices", "1", "--registers", "4", "--write-site", str(folder))
    process = subprocess.Popen([*DIES_WITH_US, sys.executable, *load], stdout=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.readline()
    process.kill()
    process.communicate()
    return folder / "site.yaml"


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
def box(dead_site: Path, tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[Box]:
    """One box for all tests of this folder, with its first account."""
    made = Box(dead_site, tmp_path_factory.mktemp("box"))
    try:
        _furnish(made)
        _first_account(browser, made)
        yield made
    finally:
        made.kill()


def _furnish(made: Box) -> None:
    made.enter("make", lot=RESIN, kg=1000.0, kind="material")
    made.enter(
        "make",
        lot=BOX,
        kg=25.0,
        sigma_kg=0.01,
        kind="box",
        inputs=[{"lot": RESIN, "kg": 25.0, "sigma_kg": 0.01}],
    )
    made.enter("make", lot=HOSTILE, kg=1.0, kind="box", inputs=[{"lot": RESIN, "kg": 1.0}])
    made.enter("hold", lot=BOX, reason=HOSTILE)


def _first_account(browser: Browser, box: Box) -> None:
    """The technician's first minute: the code of the log makes the first account, on the page."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{box.address}/now")
    expect(page.locator("h1")).to_have_text("The first account")
    page.fill("main input[name=code]", box.code)
    page.fill("main input[name=name]", NAME)
    page.fill("main input[name=operator]", "4711")
    page.fill("main input[name=password]", PASSWORD)
    page.locator("main button.main").click()
    expect(page.locator(".who")).to_contain_text(NAME)
    context.close()


class Watched:
    """A page, and everything that it complained about."""

    def __init__(self, context: BrowserContext, address: str) -> None:
        self.page: Page = context.new_page()
        self.complaints: list[str] = []
        self.page.on("pageerror", lambda error: self.complaints.append(f"error: {error}"))
        self.page.on("console", self._said)
        self._address = address

    def _said(self, message: object) -> None:
        text = f"{getattr(message, 'type', '')}: {getattr(message, 'text', '')}"
        if text.startswith(("error", "warning")) and "net::ERR_CONNECTION" not in text:
            self.complaints.append(text)

    def open(self, path: str) -> Page:
        """Go there, and wait for its content."""
        self.page.goto(self._address + path)
        self.page.locator("main > :not(.waiting)").first.wait_for(timeout=PATIENCE_MS)
        return self.page


@pytest.fixture
def watched(browser: Browser, box: Box, request: pytest.FixtureRequest) -> Iterator[Watched]:
    """A page of somebody signed in, in English unless the test says otherwise; in the end there is no complaint."""
    wishes = getattr(request, "param", {})
    context = browser.new_context(**{"locale": "en-GB", **wishes})
    said = context.request.post(
        f"{box.address}/sign-in", data={"name": NAME, "password": PASSWORD}, headers={"Origin": box.address}
    )
    assert said.ok, said.text()
    made = Watched(context, box.address)
    yield made
    context.close()
    assert made.complaints == []
