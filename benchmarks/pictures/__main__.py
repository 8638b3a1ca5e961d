"""Draw docs/pictures anew: ``python -m benchmarks pictures``. The same code draws the same text."""

from __future__ import annotations

import sys

from benchmarks.pictures import DRAWN, FOLDER
from benchmarks.pictures.drift import delays


def main() -> int:
    """Write what has changed, and say so."""
    for name, draw in DRAWN.items():
        path, text = FOLDER / name, draw()
        same = path.exists() and path.read_text("utf-8") == text
        if not same:
            path.write_text(text, "utf-8")
        print(f"docs/pictures/{name}: {len(text) / 1000:.1f} kB, {'as it was' if same else 'drawn anew'}")
    print("\nbatches from the beginning of the drift to the signal, mean and 90 %")
    for name, (mean, most) in delays().items():
        print(f"  {name:28} {mean:5.1f} {most:5.0f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
