"""What is wrong with a genealogy, each error naming the lot it is about."""

from __future__ import annotations


class GenealogyError(ValueError):
    """The genealogy cannot be computed as it was given."""


class CannotMix(GenealogyError):
    """No mass, a negative or unknown one, or a word for mixing that nobody knows."""


class UnknownLot(GenealogyError):
    """An edge names a lot that is not there: bring the lot, or take the edge away."""


class SameLot(GenealogyError):
    """Two lots have one name."""


class Cycle(GenealogyError):
    """A lot is its own forebear: one of the edges is wrong, or a vessel's content was not sliced by time."""


class LaterInput(GenealogyError):
    """A lot was made of one that was closed after it: one of the two times is wrong."""


class Overdrawn(GenealogyError):
    """More was taken from a lot than it had, beyond what the weighings explain."""
