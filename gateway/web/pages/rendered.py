"""What a page shows, as it goes out: JSON, or a table of it as CSV. In a thread or the helper, never in the loop."""

from __future__ import annotations

import orjson

from gateway.web.pages.page import Asked, NotFound, Page
from gateway.web.tables import csv_of


def rendered(page: Page, asked: Asked, table: str = "") -> bytes:
    """Its data; or, where `table` is named, that. Raises NotFound, JournalError."""
    if not table:
        return orjson.dumps(page.data(asked), option=orjson.OPT_NON_STR_KEYS)
    columns = columns_of(page, table)
    return csv_of(page.data(asked).get(table) or [], columns)


def columns_of(page: Page, table: str) -> tuple[str, ...]:
    """Of one of its tables. Raises NotFound."""
    columns = page.columns if table == page.table else page.tables.get(table)
    if columns is None:
        raise NotFound(
            f"there is no table {table[:40]!r} here; there are {', '.join([page.table, *page.tables])}"
        )
    return columns
