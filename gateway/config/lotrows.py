"""What a site file may say of materials, of what lots may be made of, and of results that people enter.

Shares are per cent of a lot's mass, as people write them.
"""

from typing import Annotated

from pydantic import Field

from gateway.plan.models import Closed
from gateway.plan.words import Bilingual, CellPath, Flag, Name, Number, Text, between, one_of, whole

LOT_KINDS = ("material", "charge", "content", "blend", "regrind", "batch", "box", "pallet", "shipment")
MOST_PASSES = 7  # a composition counts 8 and more as one
Percent = Annotated[float, between(0, 100)]
LotKind = Annotated[str, one_of("a kind of lot", LOT_KINDS)]


class MaterialRow(Closed):
    """A material, by the names of its lots."""

    name: Name = Field(description="names the material in rules")
    lots: list[Text] = Field(
        min_length=1,
        description="its lots from outside: whole names or patterns with `*`, such as `09506000134352:*` for a GTIN",
    )


class LotRuleRow(Closed):
    """What lots may be made of. A lot is judged when it is closed, and held if it breaks the rule."""

    name: Name = Field(description="names the rule in alarms; unique in the site")
    kinds: list[LotKind] = Field(
        default_factory=lambda: ["box"],
        description="kinds of lot that are judged: `material`, `charge`, `content`, `blend`, `regrind`, `batch`, "
        "`box`, `pallet`, `shipment`; `box` if not given",
    )
    cells: list[CellPath] = Field(
        default_factory=list, description="where they are made; anywhere if not given"
    )
    parts: list[Text] = Field(
        default_factory=list, description="part numbers that it is for; every part if not given"
    )
    materials: list[Name] = Field(
        default_factory=list, description="only lots with one of these in them; all lots if not given"
    )
    max_regrind: Percent = Field(
        25.0, description="most regrind, in % of the mass; 100 where any share is allowed"
    )
    max_passes: Annotated[int, whole(0, MOST_PASSES)] | None = Field(
        None, description="how often material may have been through a screw before; any number if not given"
    )
    passes_share: Percent = Field(
        1.0, description="so much may have been through more often than `max_passes`, in % of the mass"
    )
    apart: list[Annotated[list[Name], Field(min_length=2, max_length=2)]] = Field(
        default_factory=list, description="pairs of materials that may not be in one lot, such as [pp, pa]"
    )
    trace: Percent = Field(
        0.1, description="a material or an expired lot is in a lot from this share on, in % of the mass"
    )
    expired: Flag = Field(
        True, description="whether material that was used after its expiry date (AI 17 or 15) breaks the rule"
    )
    possible: Annotated[str, one_of("what to do", ("tell", "hold"))] = Field(
        "tell",
        description="what becomes of a lot that may break the rule or may not, by the error bound of its composition: "
        "`tell` raises a warning, `hold` holds it too",
    )
    second_person: Flag = Field(False, description="two operators have to release what it holds")
    reaction: Bilingual | None = Field(
        None, description="what the person does whom the alarm reaches; one text, or `{en: ..., zh: ...}`"
    )


class ResultLimitRow(Closed):
    """What a result may be that a person enters for a lot; a lot outside is held."""

    result: Name = Field(
        description="what was measured, such as `melt_flow`; the name given to `lotwatch record`"
    )
    materials: list[Name] = Field(
        default_factory=list, description="lots of these materials only; all lots if not given"
    )
    kinds: list[LotKind] = Field(
        default_factory=list, description="these kinds of lot only; all if not given"
    )
    low: Number | None = Field(None, description="below is outside")
    high: Number | None = Field(None, description="above is outside")
    reaction: Bilingual | None = Field(
        None, description="what the person does whom the alarm reaches; one text, or `{en: ..., zh: ...}`"
    )


class HoldsRow(Closed):
    """How a hold spreads to what was made of the lot, and who may end it."""

    share: Percent = Field(
        0.1, description="a lot with at least so much of a held lot in it is held too, in % of its mass"
    )
    second_person: Flag = Field(
        False, description="two operators have to release a lot that no rule with a word of its own has held"
    )
