"""What every declared value has in common: it is frozen, and knows all of its fields."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

__all__ = ["Frozen", "Level"]

Level = str | int | float | bool


class Frozen(BaseModel):
    """A value that does not change, and refuses fields that it does not have."""

    model_config = ConfigDict(frozen=True, extra="forbid")
