"""Genealogy by mass: which share of a lot came from which source, how often it was molten, and how sure that is. Pure.

Rule 1: what goes in comes out: shares and rest of a lot sum to 1 within `EXACT`.  Rule 2: nothing is cut off without
being counted: what is too small to be kept apart is in the rest.  Rule 3: one operator mixes everything, shares,
passes, recycled content and their uncertainties.
"""

from gateway.genealogy.blend import Part, mix
from gateway.genealogy.bounds import Bound, recycled, regrind_share, share_of
from gateway.genealogy.chains import Chains
from gateway.genealogy.errors import (
    CannotMix,
    Cycle,
    GenealogyError,
    LaterInput,
    Overdrawn,
    SameLot,
    UnknownLot,
)
from gateway.genealogy.exact import Exact
from gateway.genealogy.graph import Edge, Graph, Lot
from gateway.genealogy.reach import backward, forward
from gateway.genealogy.rebuild import Rebuilt, rebuild
from gateway.genealogy.restate import Correction, Facts, Genealogy, restated
from gateway.genealogy.vector import (
    CUT,
    EXACT,
    PASSES,
    Vector,
    check,
    from_composition,
    source,
    to_composition,
)

__all__ = [
    "CUT",
    "EXACT",
    "PASSES",
    "Bound",
    "CannotMix",
    "Chains",
    "Correction",
    "Cycle",
    "Edge",
    "Exact",
    "Facts",
    "Genealogy",
    "GenealogyError",
    "Graph",
    "LaterInput",
    "Lot",
    "Overdrawn",
    "Part",
    "Rebuilt",
    "SameLot",
    "UnknownLot",
    "Vector",
    "backward",
    "check",
    "forward",
    "from_composition",
    "mix",
    "rebuild",
    "recycled",
    "regrind_share",
    "restated",
    "share_of",
    "source",
    "to_composition",
]
