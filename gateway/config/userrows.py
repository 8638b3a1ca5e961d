"""What a site file says of people who act at a replica: an operator number, a public key, and what they may do."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import Field

from gateway.plan.models import Closed
from gateway.plan.words import Kind, Text, one_of, wrong
from gateway.site.links import ACTS

_NUMBER = r"[0-9]{1,12}"


def _operator(value: Any) -> Any:
    if not isinstance(value, str) or not re.fullmatch(_NUMBER, value, re.ASCII):
        raise wrong('is not an operator number of at most 12 digits, in quotes: "17"')
    return value


Operator = Annotated[str, Kind(_operator, {"type": "string", "pattern": f"^{_NUMBER}$"})]


class UserRow(Closed):
    """Somebody who may enter something at a replica."""

    operator: Operator = Field(
        description="operator number, in quotes; names of people are in no config and in no journal"
    )
    key: Text | None = Field(
        None, description="public key, as `lotwatch user key` prints it; or give `key_file`"
    )
    key_file: Text | None = Field(None, description="file with the public key, beside this file")
    may: list[Annotated[str, one_of("an act", ACTS)]] = Field(
        min_length=1, description="what is taken from there: " + ", ".join(f"`{each}`" for each in ACTS)
    )
