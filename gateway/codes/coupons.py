"""North American coupon codes, (8110) and (8112): digits in fields, some led by their own length. Pure.

Source: GS1 US Coupon Databar guideline and GS1 AI (8112) specification, as the GS1 Barcode Syntax Tests check them.
"""

from __future__ import annotations

from collections.abc import Callable

from gateway.codes.dates import is_short_date

_REQUIREMENTS = "012349"


class _Short(ValueError):
    """A field is not whole or says what it cannot."""


class _Fields:
    """Digits, taken from the left."""

    def __init__(self, digits: str) -> None:
        self._rest = digits

    def take(self, count: int) -> str:
        if len(self._rest) < count:
            raise _Short
        taken, self._rest = self._rest[:count], self._rest[count:]
        return taken

    def one_of(self, allowed: str) -> str:
        digit = self.take(1)
        if digit not in allowed:
            raise _Short
        return digit

    def counted(self, allowed: str, more: int = 0) -> None:
        """A field led by its length, less `more`."""
        self.take(int(self.one_of(allowed)) + more)

    def is_next(self, option: str) -> bool:
        """Whether an optional field begins here; then its mark is taken."""
        if not self._rest.startswith(option):
            return False
        self._rest = self._rest[1:]
        return True

    def end(self) -> None:
        if self._rest:
            raise _Short


def is_coupon(text: str) -> bool:
    """Whether (8110) is well made."""
    return _is_made(text, _coupon)


def is_positive_offer(text: str) -> bool:
    """Whether (8112) is well made.

    >>> is_positive_offer("001234561234560123456"), is_positive_offer("201234561234560123456")
    (True, False)
    """
    return _is_made(text, _positive_offer)


def _is_made(text: str, reads: Callable[[_Fields], None]) -> bool:
    if not (text.isascii() and text.isdigit()):
        return False
    try:
        reads(_Fields(text))
    except _Short:
        return False
    return True


def _positive_offer(fields: _Fields) -> None:
    fields.one_of("01")  # format
    fields.counted("0123456", 6)  # who funds it
    fields.take(6)  # offer
    fields.counted("0123456789", 6)  # serial
    fields.end()


def _coupon(fields: _Fields) -> None:
    fields.counted("0123456", 6)  # company prefix
    fields.take(6)  # offer
    fields.counted("12345")  # save value
    _purchase(fields)
    if fields.is_next("1"):
        fields.one_of("0123")  # how purchases go together
        _purchase(fields)
        _company(fields)
    if fields.is_next("2"):
        _purchase(fields)
        _company(fields)
    expires = _date(fields) if fields.is_next("3") else ""
    begins = _date(fields) if fields.is_next("4") else ""
    if expires and begins > expires:
        raise _Short
    if fields.is_next("5"):
        fields.counted("0123456789", 6)  # serial
    if fields.is_next("6"):
        fields.counted("1234567", 6)  # retailer
    if fields.is_next("9"):
        fields.one_of("01256")  # what the save value is
        fields.one_of("012")  # which item it applies to
        fields.take(1)  # store coupon
        fields.one_of("01")  # not to be multiplied
    fields.end()


def _purchase(fields: _Fields) -> None:
    fields.counted("12345")
    fields.one_of(_REQUIREMENTS)
    fields.take(3)  # family


def _company(fields: _Fields) -> None:
    length = fields.one_of("01234569")
    fields.take(0 if length == "9" else int(length) + 6)  # 9: the company of the first purchase


def _date(fields: _Fields) -> str:
    text = fields.take(6)
    if not is_short_date(text):
        raise _Short
    return text
