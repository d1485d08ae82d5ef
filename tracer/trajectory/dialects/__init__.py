"""The dialects that spans are written in, one file each, in the order in which they are tried."""

from __future__ import annotations

from tracer.trajectory.dialects.dialect import Dialect
from tracer.trajectory.dialects.genai import GENAI
from tracer.trajectory.dialects.prosaic import PROSAIC
from tracer.trajectory.dialects.unknown import UNKNOWN

__all__ = ["DIALECTS", "UNKNOWN"]

DIALECTS: tuple[Dialect, ...] = (PROSAIC, GENAI)
