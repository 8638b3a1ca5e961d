"""Now: what somebody must look at, what is running, and how fresh it is."""

from __future__ import annotations

from gateway.views.now import now
from gateway.web.pages.page import Page

PAGE = Page("now", lambda asked: now(asked.readers, asked.now_ns), heavy=True)
