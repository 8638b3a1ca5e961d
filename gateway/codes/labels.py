"""Our own lot labels: ``LW-<site>-<counter>-<check>``, such as ``LW-NORTH-000042-C``. Pure.

Site is 1 to 8 capital letters and digits, the counter 6 to 10 digits. The check character is ISO/IEC 7064 MOD 37,36
over what stands before it without hyphens: it finds every wrong character and nearly every swap of neighbours, also
where letters and digits mix, and needs only letters and digits, so that every symbology and keyboard can say it.
"""

from __future__ import annotations

import re

from gateway.codes.gs1_checks import check_character

PREFIX = "LW-"
_LABEL = re.compile(r"LW-([A-Z0-9]{1,8})-([0-9]{6,10})-([A-Z0-9])")


def label(site: str, counter: int) -> str:
    """The label of a site's lot.

    >>> label("NORTH", 42)
    'LW-NORTH-000042-C'
    """
    text = f"{PREFIX}{site}-{counter:06d}-"
    if not _LABEL.fullmatch(f"{text}0"):
        raise ValueError(f"{site} {counter}: a site is 1 to 8 of A-Z 0-9, a counter has at most 10 digits")
    return text + check_character(text.replace("-", ""))


def is_label(text: str) -> bool:
    """Whether the text is a label with a right check character."""
    return bool(_LABEL.fullmatch(text)) and text[-1] == check_character(text[:-1].replace("-", ""))
