"""Which row of the control plan a name means: a plan may have several revisions, and each has one. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from gateway.site import Characteristic, Site


def row_in_force(
    site: Site, wanted: str, in_force: Mapping[str, str], revision: str = ""
) -> Characteristic | None:
    """The row that is charted under a name; None where there is none.

    `in_force`: by ``"plan cell"`` the revision; `revision`: that of the chart that runs, where somebody knows it.
    """
    rows = [row for row in site.characteristics if row.id == wanted and row.method]
    for row in rows:
        if revision and row.line.revision == revision:
            return row
    for row in rows:
        cell = row.tag.rpartition("/")[0]
        if in_force.get(f"{row.line.plan} {cell}") == row.line.revision:
            return row
    return rows[0] if rows else None
