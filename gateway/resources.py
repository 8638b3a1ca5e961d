"""Files that ship with the code: `config/` of the checkout, or the copy of it that the wheel carries."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent
_SHIPPED = _PACKAGE / "_shipped" / "config"  # where the wheel puts it: [tool.hatch] in pyproject.toml
_CHECKOUT = _PACKAGE.parent / "config"


def config_dir() -> Path:
    """Folder of the demo site, plans and device maps, whatever the working directory is.

    Raises FileNotFoundError when neither is there: the installation is broken.
    """
    for folder in (_SHIPPED, _CHECKOUT):
        if folder.is_dir():
            return folder
    raise FileNotFoundError(
        f"no config folder at {_SHIPPED} nor at {_CHECKOUT}: lotwatch is not whole, install it again"
    )
