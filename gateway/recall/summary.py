"""What a recall package says, as lines for people: the same on paper and on a terminal. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

LOTS_SHOWN = 40


def lines(plain: Mapping[str, Any], shown: int = LOTS_SHOWN) -> list[str]:
    """The summary of a package."""
    answer, count = plain["answer"], len(plain["journals"])
    asked = f"lots with {plain['least']:.4%} of it or more"
    out = [
        f"Recall of lot {plain['lot']}"
        + (f" (code {plain['code']})" if plain["code"] != plain["lot"] else ""),
        f"made {utc(plain['made_ns'])} from {count} {'journal' if count == 1 else 'journals'}, {asked}",
        "",
    ]
    for kind, total in answer["totals"].items():
        low, high = total["held_kg"]
        out.append(
            f"{total['count']:>6} {kind:<10} {total['kg']:>12.3f} kg, of which {_interval(low, high)} of the lot"
        )
    if not answer["totals"]:
        out.append("no box, pallet or shipment holds so much of it")
    out.append("")
    for row in answer["lots"][:shown]:
        low, high = row["share"]
        share = _interval(100 * low, 100 * high, "%")
        out.append(
            f"{row['lot']:<28} {row['kind']:<10} {row['kg']:>10.3f} kg  {share:<24} {utc(row['closed_ns'])}"
        )
    if len(answer["lots"]) > shown:
        out.append(f"... and {len(answer['lots']) - shown} more in the file")
    out.append("")
    for journal in plain["journals"]:
        size = journal["checkpoint"].split("\n")[1]
        out += [f"{journal['origin']}: head of {size} leaves, key {journal['key'].split('+')[1]}"]
    out.append(
        f"{len(plain['records'])} records are proven; `lotwatch verify FILE --key KEY` checks them offline."
    )
    return out


def utc(time_ns: int) -> str:
    """To the second.

    >>> utc(1_800_000_000_999_999_999)
    '2027-01-15 08:00:00 UTC'
    """
    return f"{datetime.fromtimestamp(time_ns // 1_000_000_000, UTC):%Y-%m-%d %H:%M:%S} UTC"


def _interval(low: float, high: float, unit: str = "kg") -> str:
    """A span, or one number.

    >>> _interval(1.0, 1.0), _interval(1.0, 2.5)
    ('1.000 kg', '1.000 .. 2.500 kg')
    """
    return f"{low:.3f} {unit}" if high - low < 5e-4 else f"{low:.3f} .. {high:.3f} {unit}"
