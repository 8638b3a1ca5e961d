"""What a site file says of room on the disk."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import Field

from gateway.plan.closed import Closed
from gateway.plan.words import Flag, Kind, shown, wrong

_SHARE = re.compile(r"([0-9]{1,2}) ?%")
_SIZE = re.compile(r"([0-9]{1,6}) ?(kB|MB|GB|TB)")
_UNITS = {"kB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12}
_LEAST_QUOTA = 10**7  # below it the journal's own tables do not fit
_MOST_BALLAST = 10**9


def _size(value: Any) -> int | None:
    found = _SIZE.fullmatch(value) if isinstance(value, str) else None
    return int(found[1]) * _UNITS[found[2]] if found else None


def _check_quota(value: Any) -> float:
    share = _SHARE.fullmatch(value) if isinstance(value, str) else None
    if share and int(share[1]):
        return int(share[1]) / 100
    size = _size(value)
    if size is None:
        raise wrong(f"{shown(value)} is not a share such as 60 %, nor a size such as 20 GB")
    if size < _LEAST_QUOTA:
        raise wrong(f"{shown(value)} is less than 10 MB, in which no journal fits")
    return float(size)


def _check_ballast(value: Any) -> int:
    size = _size(value)
    if size is None or size > _MOST_BALLAST:
        raise wrong(f"{shown(value)} is not a size such as 16 MB, of 1 GB at most")
    return size


Quota = Annotated[
    float, Kind(_check_quota, {"type": "string", "pattern": f"^({_SHARE.pattern}|{_SIZE.pattern})$"})
]
Ballast = Annotated[int, Kind(_check_ballast, {"type": "string", "pattern": f"^{_SIZE.pattern}$"})]


class DiskRow(Closed):
    """Room on the disk."""

    quota: Quota = Field(
        0.6,
        description="what the data folder may take, of the disk (`60 %`) or in bytes (`20 GB`); beyond it the oldest "
        "readings are thinned to an overview: first what is stored elsewhere",
        json_schema_extra={"default": "60 %"},
    )
    ballast: Ballast = Field(
        16_000_000,
        description="a file that only holds room, a hundredth of the disk at most; on a full disk it is let go, so "
        "that alarms and events are still committed; `0 MB` for none",
        json_schema_extra={"default": "16 MB"},
    )
    thin_unstored: Flag = Field(
        False,
        description="at the quota, thin what nobody else holds yet too, where there is nothing else left to thin",
    )
