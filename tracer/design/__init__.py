"""Designs: conditions from factors, and what can be estimated from them.

Full, fractional and nested designs give conditions; effects give the weights of an estimand; what a fraction cannot
tell apart is computed from the conditions themselves, and asked for it is refused.
"""

from __future__ import annotations

from tracer.design.aliases import Alias, aliases, resolution
from tracer.design.effects import average, effect
from tracer.design.factors import again, crossed, fractional, nested
from tracer.design.twins import evaluation_awareness, with_observation

__all__ = [
    "Alias",
    "again",
    "aliases",
    "average",
    "crossed",
    "effect",
    "evaluation_awareness",
    "fractional",
    "nested",
    "resolution",
    "with_observation",
]
