"""The summary on paper: A4, one typeface of fixed width, the same bytes for the same package."""

from __future__ import annotations

import io
from collections.abc import Sequence

from reportlab.lib.pagesizes import A4  # type: ignore[import-untyped] # it has no types
from reportlab.pdfgen.canvas import Canvas  # type: ignore[import-untyped]

_MARGIN, _SIZE, _LEADING = 40, 8, 11


def pdf(title: str, lines: Sequence[str]) -> bytes:
    """Lines as a document. What Latin-1 does not have is "?"."""
    out = io.BytesIO()
    page = Canvas(out, pagesize=A4, invariant=1)
    page.setTitle(title)
    top = A4[1] - _MARGIN
    room = int((top - _MARGIN) / _LEADING)
    for first in range(0, max(len(lines), 1), room):
        text = page.beginText(_MARGIN, top)
        text.setFont("Courier", _SIZE, _LEADING)
        for line in lines[first : first + room]:
            text.textLine(line.encode("latin-1", "replace").decode("latin-1"))
        page.drawText(text)
        page.showPage()
    page.save()
    return out.getvalue()
