"""Journals in a temporary folder."""

from __future__ import annotations

import pytest

from tests.unit.journal.plant import open_journal


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "data"


@pytest.fixture
def journal(folder):
    made = open_journal(folder)
    yield made
    made.close()
