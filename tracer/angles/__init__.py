"""Angles on goals and beliefs: eight families, each with its checks, its measures and its blind spot."""

from __future__ import annotations

from tracer.angles.families import FAMILIES, AngleFamily, blind_spots, on_belief, on_goal

__all__ = ["FAMILIES", "AngleFamily", "blind_spots", "on_belief", "on_goal"]
