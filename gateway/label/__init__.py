"""The label of a lot: what stands on it, as ZPL for a label printer and as PDF for any other.

Rule 1: what the barcode says is read back as this very lot, or no label is made.  Rule 2: a lot's name is data: nothing
in it is a command to a printer.  Rule 3: the same label made again is the same bytes.
"""

from gateway.label.content import Barcode, CannotLabel, Content, barcode_of
from gateway.label.zpl import zpl

__all__ = ["Barcode", "CannotLabel", "Content", "barcode_of", "zpl"]
