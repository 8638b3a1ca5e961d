"""A helper's nice counts against the daemon: also where the kernel groups processes by session."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

_TOLD = """
import os, pathlib
from gateway.box.stepback import step_back
step_back()
print(os.nice(0))
group = pathlib.Path("/proc/self/autogroup")
said = group.read_text().split() if group.exists() else []  # empty in the session of the first process: it has no group
print(said[-1] if said else "none")
"""


@pytest.mark.parametrize("own", [True, False], ids=["own-session", "a-shells-session"])
def test_a_process_steps_back_and_takes_its_session_along_where_that_is_its_own(own: bool) -> None:
    said = subprocess.run(
        [sys.executable, "-c", _TOLD], capture_output=True, text=True, check=True, start_new_session=own
    )
    nice, group = said.stdout.split()
    assert int(nice) == min(os.nice(0) + 10, 19)
    if group != "none":
        assert (int(group) == 5) == own
