"""A server of two suppliers' replicas, at the ASGI seam."""

from __future__ import annotations

import itertools
from contextlib import asynccontextmanager

import httpx
import orjson
import pytest

from gateway.clock import VirtualClock
from gateway.model import Noted
from gateway.people import Account, People, Role
from gateway.serving.away import Away
from gateway.site import ACTS
from gateway.web.application import Pages, build
from gateway.web.house import House
from tests.unit.journal.plant import T0
from tests.unit.serving.sites import fill

BASE = "https://replicas.example"
SECRET = "correct horse battery"
JSON = {"Content-Type": "application/json", "Origin": BASE}


class Server:
    """A served folder, and who asks it."""

    def __init__(self, folder, people_folder, **more):
        people_folder.mkdir(exist_ok=True)
        drawn = itertools.count(1)
        self.noted: list[Noted] = []
        self.away: Away | None = None
        self.now_ns = T0 + 200_000_000_000
        self.people = People(people_folder)
        self.house = House(
            self.people,
            lambda: self.now_ns,
            lambda size: next(drawn).to_bytes(size, "big"),
            strict=True,
            acts=ACTS,
        )
        self.clock = VirtualClock(self.now_ns)
        given = {name: make(self) for name, make in more.items()}
        self.pages = Pages(self.house, self.clock.boottime_ns, self.noted.append, **given)
        self.app = build(folder, lambda: self.now_ns, ("replicas.example",), self.pages)

    def account(self, name, operator, role, *sites):
        self.people.add(Account(name, operator, Role(role), sites, f"hash of {SECRET}"))

    @asynccontextmanager
    async def browser(self, name=None):
        """Of somebody who is signed in."""
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url=BASE, headers=JSON) as made:
            if name is not None:
                said = await made.post("/sign-in", content=orjson.dumps({"name": name, "password": SECRET}))
                assert said.status_code == 200, said.text
                made.headers["X-Lotwatch-Seal"] = said.json()["seal"]
            yield made

    def close(self):
        self.app.state.close()
        self.people.close()


@pytest.fixture(autouse=True)
def quick_passwords(monkeypatch):
    """In this process: what starts another is tested in tests/unit/people."""

    async def fits(password, stored):
        return stored == f"hash of {password}"

    monkeypatch.setattr("gateway.web.house.fits", fits)


@pytest.fixture(scope="session")
def folders(tmp_path_factory):
    """Both sites, and each alone."""
    made = tmp_path_factory.mktemp("replicas")
    for name in ("acme", "beta"):
        fill(made / "both", name)
        fill(made / name, name)
    return made
