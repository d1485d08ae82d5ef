"""Prosaic: what does this agent system want, what does it believe, and how do we know?"""

from __future__ import annotations

from tracer.contracts import Suite

__all__ = ["Suite"]
