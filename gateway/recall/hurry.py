"""No garbage is looked for while a package is made or read: nothing in it goes round in a circle, and looking at
hundreds of thousands of small things again and again costs a fifth of the time.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def in_a_hurry() -> Iterator[None]:
    """For a command that ends soon: the collector of the whole process rests."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()
