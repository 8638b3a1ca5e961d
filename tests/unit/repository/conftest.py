"""A journal of a small plant whose lots were scanned, made, amended, held and shipped."""

from __future__ import annotations

import pytest

from tests.unit.repository.plant import fill


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("repository") / "data"
    fill(made)
    return made
