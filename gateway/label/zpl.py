"""A label in ZPL II, the language of label printers: 100 x 70 mm at 203 dpi, 8 dots a millimetre. Pure.

All that is not a letter, a digit or harmless goes out as ``_XX``, the hexadecimal escape that ``^FH`` switches on (ZPL
II Programming Guide, ^FH): so neither ``^`` nor ``~`` of a lot's name, nor ``_`` itself, reaches the printer as such.
``^CI28`` says that the escaped bytes are UTF-8. In ``^BC`` the character ``>`` begins an invocation code; ``>0`` is
itself, ``>:`` starts in subset B, ``>8`` is FNC1 (same guide, Code 128 invocation characters).
"""

from __future__ import annotations

import re

from gateway.label.content import Barcode, Content

WIDTH, HEIGHT, MARGIN = 800, 560, 24
_HARMLESS = re.compile(r"[A-Za-z0-9 .,:;/()%+-]")
_MODULE = 2  # dots of the narrowest bar; 1 where the bars would not fit
_WIDE_FROM = 24  # characters


def zpl(content: Content) -> str:
    """One label, to be sent to the printer as it is."""
    barcode = content.barcode
    module = _MODULE if len(barcode.data) <= _WIDE_FROM else 1
    lines = [
        "^XA",
        "^CI28",
        f"^PW{WIDTH}^LL{HEIGHT}^LH0,0",
        f"^FO{MARGIN},24^A0N,44,0^FH^FD{escaped(content.lot)}^FS",
        f"^FO{MARGIN},84^BY{module},3,120^BCN,120,N,N,N,N^FH^FD{escaped(bars(barcode))}^FS",
        f"^FO{MARGIN},212^A0N,28,0^FH^FD{escaped(barcode.shown)}^FS",
    ]
    for number, row in enumerate(content.rows()):
        top = 260 + 40 * number
        text = f"{row.english} {row.chinese}"
        lines.append(f"^FO{MARGIN},{top}^A0N,30,0^FH^FD{escaped(text)}^FS")
        lines.append(f"^FO{MARGIN + 220},{top}^A0N,30,0^FH^FD{escaped(row.value)}^FS")
    lines.append(f"^FO{WIDTH - 180},280^BXN,6,200^FH^FD{escaped(matrix(barcode))}^FS")
    lines.append("^XZ")
    return "\n".join(lines) + "\n"


def escaped(text: str) -> str:
    """As field data after ^FH.

    >>> escaped("BOX-7^XA~JR_1")
    'BOX-7_5EXA_7EJR_5F1'
    """
    return "".join(
        letter if _HARMLESS.fullmatch(letter) else "".join(f"_{byte:02X}" for byte in letter.encode())
        for letter in text
    )


def bars(barcode: Barcode) -> str:
    """Field data of ^BC, mode N, before it is escaped.

    >>> bars(Barcode("0012", "(00)12", True)), bars(Barcode("a>b", "a>b", False))
    ('>:>80012', '>:a>0b')
    """
    return f">:{'>8' if barcode.gs1 else ''}{barcode.data.replace('>', '>0')}"


def matrix(barcode: Barcode) -> str:
    """Field data of ^BX, quality 200, before it is escaped: ``_1`` is FNC1, ``__`` an underscore (same guide, ^BX)."""
    return f"{'_1' if barcode.gs1 else ''}{barcode.data.replace('_', '__')}"
