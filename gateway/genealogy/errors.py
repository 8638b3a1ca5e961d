"""What is wrong with a genealogy, each error naming the lot it is about."""

from __future__ import annotations


class GenealogyError(ValueError):
    """The genealogy cannot be computed as it was given."""


class CannotMix(GenealogyError):
    """No mass, a negative or unknown one, or a word for mixing that nobody knows."""
