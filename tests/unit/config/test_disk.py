"""Room on the disk: shares and sizes as people write them, and what is refused."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from gateway.config.diskrows import DiskRow
from gateway.site import Room

DISK = 32 * 10**9


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("60 %", 19_200_000_000),
        ("1%", 320_000_000),
        ("20 GB", 20 * 10**9),
        ("500MB", 5 * 10**8),
        ("1 TB", 10**12),
    ],
)
def test_a_quota_is_a_share_or_a_size(said: str, found: int) -> None:
    assert Room(DiskRow.model_validate({"quota": said}).quota).quota_bytes(DISK) == found


@pytest.mark.parametrize(
    "said", ["0 %", "100 %", "60", 0.6, "20 GiB", "-1 GB", "9 MB", "5 kB", "", None, True]
)
def test_what_is_no_quota_is_refused(said: object) -> None:
    with pytest.raises(ValidationError, match=r"60 %, nor a size such as 20 GB|in which no journal fits"):
        DiskRow.model_validate({"quota": said})


@pytest.mark.parametrize(("said", "found"), [("16 MB", 16_000_000), ("0 MB", 0), ("1 GB", 10**9)])
def test_a_ballast_is_a_size(said: str, found: int) -> None:
    assert DiskRow.model_validate({"ballast": said}).ballast == found


@pytest.mark.parametrize("said", ["2 GB", "1 %", 16, "", None])
def test_what_is_no_ballast_is_refused(said: object) -> None:
    with pytest.raises(ValidationError, match="not a size such as 16 MB"):
        DiskRow.model_validate({"ballast": said})


def test_the_defaults_are_those_of_a_site_that_says_nothing() -> None:
    row = DiskRow()
    assert Room(row.quota, row.ballast, row.thin_unstored) == Room()
