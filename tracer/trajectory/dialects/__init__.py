"""The dialects that spans are written in, one file each, in the order in which they are tried.

A framework that a general instrumentation records comes before that instrumentation's own dialect.
"""

from __future__ import annotations

from tracer.trajectory.dialects.agent_framework import AGENT_FRAMEWORK
from tracer.trajectory.dialects.autogen import AUTOGEN
from tracer.trajectory.dialects.crewai import CREWAI
from tracer.trajectory.dialects.dialect import Dialect
from tracer.trajectory.dialects.genai import GENAI
from tracer.trajectory.dialects.google_adk import GOOGLE_ADK
from tracer.trajectory.dialects.langfuse import LANGFUSE
from tracer.trajectory.dialects.langsmith import LANGSMITH
from tracer.trajectory.dialects.mcp import MCP
from tracer.trajectory.dialects.mlflow import MLFLOW
from tracer.trajectory.dialects.openai_agents import OPENAI_AGENTS
from tracer.trajectory.dialects.openinference import OPENINFERENCE
from tracer.trajectory.dialects.prosaic import PROSAIC
from tracer.trajectory.dialects.pydantic_ai import PYDANTIC_AI
from tracer.trajectory.dialects.smolagents import SMOLAGENTS
from tracer.trajectory.dialects.strands import STRANDS
from tracer.trajectory.dialects.traceloop import TRACELOOP
from tracer.trajectory.dialects.unknown import UNKNOWN
from tracer.trajectory.dialects.vercel import VERCEL

__all__ = ["DIALECTS", "UNKNOWN"]

DIALECTS: tuple[Dialect, ...] = (
    PROSAIC,
    OPENAI_AGENTS,
    CREWAI,
    SMOLAGENTS,
    OPENINFERENCE,
    LANGFUSE,
    MLFLOW,
    GOOGLE_ADK,
    PYDANTIC_AI,
    STRANDS,
    AGENT_FRAMEWORK,
    AUTOGEN,
    LANGSMITH,
    VERCEL,
    TRACELOOP,
    MCP,
    GENAI,
)
