"""Secrets stay where they are, in an environment variable or a file, and are read when they are used."""

from __future__ import annotations

import os
from pathlib import Path


def read_secret(where: str) -> str:
    """The secret at ``env:NAME`` or ``file:PATH``; "" for "". Raises ValueError or OSError that name the place."""
    kind, _, name = where.partition(":")
    if not where:
        return ""
    if kind == "file":
        return Path(name).read_text("utf-8").strip()
    if kind == "env":
        if name not in os.environ:
            raise ValueError(f"environment variable {name} is not set")
        return os.environ[name].strip()
    raise ValueError(f'"{kind}:" is not a place for a secret: write env:NAME or file:PATH')
