"""The application on a journal of a small plant."""

from __future__ import annotations

import httpx
import pytest

from gateway.web.application import build
from tests.unit.journal.plant import T0
from tests.unit.repository.plant import fill


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("web") / "data"
    fill(made)
    return made


@pytest.fixture
async def client(folder):
    app = build(folder, lambda: T0)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8080") as made:
        yield made
    app.state.close()
