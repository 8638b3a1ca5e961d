"""The pages: what each shows, as plain data. A page is a file here, a view in `static/views/`, and words.

`/<page>` is the page, `/<page>.json` its data, and `/<page>.csv` its table, where it is one.
"""

from gateway.web.pages import alarms, audit, box, chart, lot, now
from gateway.web.pages.page import NotFound, Page

PAGES: dict[str, Page] = {
    page.name: page for page in (now.PAGE, chart.PAGE, alarms.PAGE, lot.PAGE, box.PAGE, audit.PAGE)
}

__all__ = ["PAGES", "NotFound", "Page"]
