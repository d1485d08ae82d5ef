"""Statistics: arrays in, numbers out.

Imports numpy and scipy only and nothing of ours, so that every number can be checked by itself.
"""

from __future__ import annotations

from tracer.stats.estimate import Estimate

__all__ = ["Estimate"]
