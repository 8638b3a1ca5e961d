"""Configs of any age, unpacked only when readings of their time are asked for."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from gateway.journal.ages import Ages
from gateway.journal.codec import site_of
from gateway.layout import Field
from gateway.model import Block, NumberedInput
from tests.unit.journal.plant import T0, Plant, config, make_group, make_site


async def test_old_configs_stay_packed(journal, monkeypatch: pytest.MonkeyPatch) -> None:
    """A technician who tries a hundred configs must not cost the daemon a hundred sites of memory."""
    names = [f"p{number}" for number in range(20)]
    sites = [make_site(make_group(fields={name: Field("uint16")})) for name in names]
    settings = [NumberedInput(number, config(site, f"h{number}")) for number, site in enumerate(sites, 1)]
    again = [NumberedInput(21, config(sites[0], "h1")), NumberedInput(22, config(sites[0], "h1"))]
    await journal.commit(Block((*settings, *again), ()))
    unpacked: list[bytes] = []

    def counted(body: bytes) -> Any:
        unpacked.append(body)
        return site_of(body)

    monkeypatch.setattr("gateway.journal.ages.site_of", counted)
    plant = Plant(1, make_group(fields={"p0": Field("uint16")}))
    await journal.commit(Block(tuple(plant.readings(23, 10, T0)), ()))
    assert len(await journal.inputs(23, 99)) == 10
    assert len(unpacked) == 1
    ages = Ages()
    await asyncio.to_thread(ages.refresh, journal._db)  # noqa: SLF001
    assert [ages.at(seq).site.groups()["press1/fast"].points[0].name for seq in (1, 2, 20, 21, 22)] == [  # type: ignore[union-attr]
        "p0", "p1", "p19", "p0", "p0",
    ]  # fmt: skip
    assert ages.at(1).views is ages.at(22).views  # type: ignore[union-attr]
