"""A paper as PDF, A4, by reportlab; the same paper gives the same bytes.

Chinese is drawn in STSong-Light, a font that every reader of PDF has or replaces (Adobe-GB1), and none is embedded: see
docs/decisions/0100. Texts come from devices, scans and people: every one is escaped before it is laid out.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from typing import Any
from xml.sax.saxutils import escape

from gateway.label.content import CannotLabel, barcode_of
from gateway.label.pdf import code128
from gateway.reports.blocks import Block, Pairs, Paper, Remark, Sign, Table

_CHINESE, _LATIN, _BOLD, _FIXED = "STSong-Light", "Helvetica", "Helvetica-Bold", "Courier"
_POINT = 8.0
_INK, _LINE, _SHADE, _LOUD = "#14202a", "#9aa7b0", "#eef2f4", "#b3261e"


def pdf(paper: Paper) -> bytes:
    """The document. Takes a tenth of a second and reportlab's half one to load: not for the daemon's loop."""
    return _Press(paper).pressed()


def marked(text: str, *, fixed: bool = False) -> str:
    """A text as reportlab's markup: escaped, and each run of letters in a font that has them.

    >>> marked("a<b 批")
    'a&lt;b <font name="STSong-Light">批</font>'
    """
    made = []
    for run, chinese in _runs(text):
        letters = escape(run)
        made.append(f'<font name="{_CHINESE}">{letters}</font>' if chinese and not fixed else letters)
    return "".join(made)


def _runs(text: str) -> Iterator[tuple[str, bool]]:
    """Letters of Latin-1 and of Chinese apart; what neither font has is a question mark."""
    plain = "".join(letter if letter.isprintable() or letter == " " else " " for letter in text)
    basic = "".join(letter if ord(letter) < 0x10000 else "?" for letter in plain)
    for part in re.findall(r"[ -~\xa1-\xff–…]+|[^ -~\xa1-\xff–…]+", basic):
        yield part, not re.match(r"[ -~\xa1-\xff–…]", part)


class _Press:
    """Lays one paper out."""

    def __init__(self, paper: Paper) -> None:
        from reportlab.lib import colors, pagesizes, styles, units  # type: ignore[import-untyped] # noqa: PLC0415
        from reportlab.pdfbase import pdfmetrics  # type: ignore[import-untyped] # noqa: PLC0415
        from reportlab.pdfbase.cidfonts import UnicodeCIDFont  # type: ignore[import-untyped] # noqa: PLC0415

        pdfmetrics.registerFont(UnicodeCIDFont(_CHINESE))
        self._paper, self._mm = paper, units.mm
        self._colors = {name: colors.HexColor(name) for name in (_INK, _LINE, _SHADE, _LOUD)}
        self._size = pagesizes.A4
        self._width = self._size[0] - 32 * units.mm
        wrap = "CJK" if paper.language == "zh" else None

        def style(name: str, **more: Any) -> Any:
            given = {
                "fontName": _LATIN,
                "fontSize": _POINT,
                "leading": _POINT * 1.3,
                "textColor": _INK,
                **more,
            }
            return styles.ParagraphStyle(name, wordWrap=wrap, splitLongWords=1, **given)

        self._body = style("body")
        self._right = style("right", alignment=2)
        self._head = style("head", fontName=_BOLD, fontSize=_POINT - 0.5)
        self._head_right = style("head_right", fontName=_BOLD, fontSize=_POINT - 0.5, alignment=2)
        self._title = style("title", fontName=_BOLD, fontSize=11, leading=14, spaceBefore=9, spaceAfter=3)
        self._fixed = style("fixed", fontName=_FIXED, fontSize=_POINT - 1, leading=_POINT)
        self._loud = style(
            "loud", fontName=_BOLD, fontSize=10, leading=13, textColor=_LOUD, borderColor=_LOUD, borderWidth=1,
            borderPadding=4, spaceBefore=4, spaceAfter=8,
        )  # fmt: skip

    def pressed(self) -> bytes:
        from reportlab.platypus import SimpleDocTemplate  # type: ignore[import-untyped] # noqa: PLC0415

        out, mm = io.BytesIO(), self._mm
        document = SimpleDocTemplate(
            out, pagesize=self._size, leftMargin=16 * mm - 6, rightMargin=16 * mm - 6, topMargin=32 * mm,
            bottomMargin=18 * mm, title=f"{self._paper.title} {self._paper.lot}", subject=self._paper.subtitle,
            author="lotwatch", invariant=1, lang="zh-CN" if self._paper.language == "zh" else "en",
        )  # fmt: skip
        document.build(list(self._story()), canvasmaker=self._canvas())
        return out.getvalue()

    def _story(self) -> Iterator[Any]:
        from reportlab.platypus import CondPageBreak, Paragraph  # noqa: PLC0415

        for section in self._paper.sections:
            if section.title:
                yield CondPageBreak(28 * self._mm)  # a heading does not stand alone
                yield Paragraph(marked(section.title), self._title)
            for block in section.blocks:
                yield from self._block(block)

    def _block(self, block: Block) -> Iterator[Any]:
        from reportlab.platypus import KeepTogether, Paragraph, Spacer  # noqa: PLC0415

        match block:
            case Remark(loud=True):
                yield Paragraph(marked(block.text), self._loud)
            case Remark(fixed=True):
                for line in block.text.split("\n"):
                    yield Paragraph(marked(line, fixed=True) or "&nbsp;", self._fixed)
            case Remark():
                yield Paragraph(marked(block.text), self._body)
                yield Spacer(1, 3)
            case Pairs():
                yield self._pairs(block)
                yield Spacer(1, 5)
            case Table():
                yield self._table(block)
                yield Spacer(1, 4)
            case Sign():
                yield KeepTogether([Spacer(1, 50), self._signs(block)])

    def _pairs(self, block: Pairs) -> Any:
        from reportlab.platypus import Paragraph  # noqa: PLC0415

        cells = [
            (Paragraph(marked(name), self._head), Paragraph(marked(value), self._body))
            for name, value in block.rows
        ]
        half = -(-len(cells) // 2)
        blank = ("", "")
        rows = [(*cells[at], *(cells[at + half] if at + half < len(cells) else blank)) for at in range(half)]
        return self._grid(rows, (17, 33, 17, 33), header=False)

    def _table(self, block: Table) -> Any:
        from reportlab.platypus import Paragraph  # noqa: PLC0415

        def line(texts: Sequence[str], left: Any, right: Any) -> list[Any]:
            return [
                Paragraph(marked(each), right if at in block.numbers else left)
                for at, each in enumerate(texts)
            ]

        rows = [line(each, self._body, self._right) for each in block.rows]
        named = any(block.header)
        if named:
            rows.insert(0, line(block.header, self._head, self._head_right))
        return self._grid(rows, block.widths, header=named)

    def _grid(self, rows: Sequence[Sequence[Any]], widths: Sequence[float], *, header: bool) -> Any:
        from reportlab.platypus import LongTable  # noqa: PLC0415

        whole = sum(widths)
        look = [
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("LEFTPADDING", (0, 0), (-1, -1), 2), ("RIGHTPADDING", (0, 0), (-1, -1), 4),
            ("TOPPADDING", (0, 0), (-1, -1), 1.5), ("BOTTOMPADDING", (0, 0), (-1, -1), 2.5),
            ("LINEBELOW", (0, 0), (-1, -1), 0.3, self._colors[_LINE]),
        ]  # fmt: skip
        if header:
            look.append(("BACKGROUND", (0, 0), (-1, 0), self._colors[_SHADE]))
        return LongTable(
            [list(row) for row in rows], colWidths=[self._width * each / whole for each in widths], style=look,
            repeatRows=1 if header else 0, hAlign="LEFT",
        )  # fmt: skip

    def _signs(self, block: Sign) -> Any:
        from reportlab.platypus import Paragraph, Table  # noqa: PLC0415

        share = self._width / len(block.places)
        row = [Paragraph(marked(each), self._body) for each in block.places]
        look = [("LINEABOVE", (at, 0), (at, 0), 0.6, self._colors[_INK]) for at in range(len(row))]
        return Table([row], colWidths=[share - 10] * len(row), style=look, spaceBefore=0)

    def _canvas(self) -> type:
        from reportlab.pdfgen.canvas import Canvas  # type: ignore[import-untyped] # noqa: PLC0415

        press = self

        class Numbered(Canvas):  # type: ignore[misc] # it has no types
            """Keeps its pages until it knows how many there are."""

            def __init__(self, *given: Any, **named: Any) -> None:
                super().__init__(*given, **named)
                self.kept: list[dict[str, Any]] = []

            def showPage(self) -> None:  # noqa: N802 # reportlab's name
                self.kept.append(dict(self.__dict__))
                self._startPage()

            def save(self) -> None:
                for number, page in enumerate(self.kept, 1):
                    self.__dict__.update(page)
                    press.around(self, number, len(self.kept))
                    super().showPage()
                super().save()

        return Numbered

    def around(self, page: Any, number: int, pages: int) -> None:
        """What every page has: whose it is above, and which one it is below."""
        mm, (width, height), paper = self._mm, self._size, self._paper
        page.setFillColor(self._colors[_INK])
        self._write(page, 16 * mm, height - 18 * mm, paper.title, 16, bold=True)
        self._write(page, 16 * mm, height - 24 * mm, f"{paper.lot}   {paper.subtitle}"[:90], 9)
        try:
            bars = code128(barcode_of(paper.lot), 60 * mm, 10 * mm)
            bars.drawOn(page, width - 16 * mm - bars.width, height - 24 * mm)
        except CannotLabel:
            pass  # its name is on the paper all the same
        page.setStrokeColor(self._colors[_LINE])
        page.line(16 * mm, height - 28 * mm, width - 16 * mm, height - 28 * mm)
        page.line(16 * mm, 14 * mm, width - 16 * mm, 14 * mm)
        self._write(page, 16 * mm, 10 * mm, paper.foot[:120], 7)
        told = paper.page_of.format(page=number, pages=pages)
        long = sum(self._long(page, run, 7, chinese=chinese, bold=False) for run, chinese in _runs(told))
        self._write(page, width - 16 * mm - long, 10 * mm, told, 7)

    def _write(self, page: Any, x: float, y: float, text: str, points: float, *, bold: bool = False) -> None:
        for run, chinese in _runs(text):
            page.setFont(_CHINESE if chinese else _BOLD if bold else _LATIN, points)
            page.drawString(x, y, run)
            x += self._long(page, run, points, chinese=chinese, bold=bold)

    @staticmethod
    def _long(page: Any, run: str, points: float, *, chinese: bool, bold: bool) -> float:
        found: float = page.stringWidth(run, _CHINESE if chinese else _BOLD if bold else _LATIN, points)
        return found
