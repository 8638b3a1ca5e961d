"""A label as PDF, 100 x 70 mm, by reportlab; the same label gives the same bytes.

Chinese is drawn in STSong-Light, a font that every reader of PDF has or replaces (Adobe-GB1), so none is embedded.
"""

from __future__ import annotations

import io
from typing import Any

from gateway.label.content import Barcode, Content

FNC1 = "\xf1"  # as reportlab writes it
_CHINESE = "STSong-Light"


def pdf(content: Content) -> bytes:
    """One page with one label."""
    from reportlab.lib.units import mm  # type: ignore[import-untyped] # noqa: PLC0415 # half a second, for a PDF alone
    from reportlab.pdfbase import pdfmetrics  # type: ignore[import-untyped] # noqa: PLC0415
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont  # type: ignore[import-untyped] # noqa: PLC0415
    from reportlab.pdfgen.canvas import Canvas  # type: ignore[import-untyped] # noqa: PLC0415

    pdfmetrics.registerFont(UnicodeCIDFont(_CHINESE))
    out = io.BytesIO()
    page = Canvas(out, pagesize=(100 * mm, 70 * mm), invariant=1)
    page.setTitle(content.lot)
    page.setFont(_font(content.lot), 15)
    page.drawString(4 * mm, 61 * mm, content.lot)
    code = code128(content.barcode, 92 * mm, 15 * mm)
    code.drawOn(page, 4 * mm - code.lquiet, 43 * mm)
    page.setFont("Helvetica", 9)
    page.drawString(4 * mm, 38.5 * mm, content.barcode.shown)
    for number, row in enumerate(content.rows()):
        top = (32 - 5 * number) * mm
        page.setFont(_CHINESE, 10)
        page.drawString(4 * mm, top, f"{row.english} {row.chinese}")
        page.setFont(_font(row.value), 10)
        page.drawString(34 * mm, top, row.value)
    page.showPage()
    page.save()
    return out.getvalue()


def code128(barcode: Barcode, width: float, height: float) -> Any:
    """The bars, no wider than `width` points, quiet zones (ten modules) included."""
    from reportlab.graphics.barcode.code128 import Code128  # type: ignore[import-untyped] # noqa: PLC0415

    data = f"{FNC1 if barcode.gs1 else ''}{barcode.data}"
    made = Code128(data, barHeight=height, barWidth=1.0, humanReadable=0)
    narrow = min(width / made.width, 0.9)
    return Code128(data, barHeight=height, barWidth=narrow, humanReadable=0)


def _font(text: str) -> str:
    return "Helvetica-Bold" if text.isascii() else _CHINESE
