"""Where in a run we are: which run, which agent, which node. One context variable, carried across tasks and threads."""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from tracer.spans.names import GenAI, Prosaic

__all__ = ["NOWHERE", "PLACE", "Place"]


@dataclass(frozen=True, slots=True)
class Place:
    """The acting agent and the graph node within which something happens; `actor` is "" for the system under study."""

    run: str = ""
    agent: str = ""
    agent_instance: str = ""
    node: Mapping[str, Any] | None = None
    actor: str = ""

    def attributes(self) -> dict[str, Any]:
        """Give the attributes that every span made here carries."""
        attributes: dict[str, Any] = dict(self.node) if self.node else {}
        if self.agent_instance:
            attributes[GenAI.AGENT_NAME] = self.agent
            attributes[Prosaic.AGENT_INSTANCE] = self.agent_instance
        if self.actor:
            attributes[Prosaic.ACTOR] = self.actor
        return attributes


NOWHERE = Place()
PLACE: ContextVar[Place] = ContextVar("tracer_place", default=NOWHERE)
