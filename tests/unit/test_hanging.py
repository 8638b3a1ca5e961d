"""A test that hangs: in a process of its own, for it is ended."""

from __future__ import annotations

import subprocess
import sys
import threading

from tests.hanging import watched

_HANGS = """
import threading
from tests.hanging import watched
with watched("tests/some.py::test_that_hangs", 2, 0.01):
    threading.Event().wait(60)
"""


def test_it_is_named_in_the_last_line() -> None:
    done = subprocess.run([sys.executable, "-c", _HANGS], stderr=subprocess.PIPE, text=True, check=False)
    last = done.stderr.splitlines()[-1]
    assert done.returncode == 70
    assert last.startswith("HANGS: tests/some.py::test_that_hangs for 0 s, at ")
    assert " wait: " in done.stderr


_HOLDS = """
import re
from tests.hanging import watched
with watched("tests/some.py::test_that_holds_the_interpreter", 2, 60, 0.02):
    re.match("(a*)*b", "a" * 40)
"""


def test_what_holds_the_interpreter_is_ended_too() -> None:
    done = subprocess.run([sys.executable, "-c", _HOLDS], stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("Timeout (0:00:00.02")


def test_many_are_watched_by_one_thread() -> None:
    before = threading.active_count()
    for number in range(3):
        with watched(f"test {number}", 2):
            assert threading.active_count() <= before + 1
