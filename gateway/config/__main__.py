"""``python -m gateway.config FILE [PATH=VALUE ...]``: the site as JSON, or all problems on stderr and code 78.

The daemon reads its config through this process, so that pydantic and YAML never enter its own memory (some 10 MB that
a small box would carry for ever).
"""

from __future__ import annotations

import gc
import sys
from pathlib import Path

import orjson

if __name__ == "__main__":
    gc.disable()  # what is loaded is no garbage, and the process ends when it has answered

from gateway.config import ConfigErrors, load
from gateway.plain import to_plain

_BAD_CONFIG = 78


def main(arguments: list[str]) -> int:
    """Load the file named first with the overrides after it."""
    overrides = dict(argument.split("=", 1) for argument in arguments[1:])
    try:
        site = load(Path(arguments[0]), overrides=overrides)
        if any(row.design is not None for row in site.characteristics):
            from gateway.config.limits import solved  # noqa: PLC0415 # numpy, only where there is something to design

            site = solved(site)
    except (ConfigErrors, ValueError) as errors:
        sys.stderr.write(f"{errors}\n")
        return _BAD_CONFIG
    sys.stdout.buffer.write(orjson.dumps(to_plain(site)))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
