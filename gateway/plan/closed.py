"""The base of every row of a config file."""

from pydantic import BaseModel, ConfigDict


class Closed(BaseModel):
    """Unknown keys are errors; what was read is not changed."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, defer_build=True)
