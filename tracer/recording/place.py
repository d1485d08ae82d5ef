"""Where in a run we are: which run, which agent, which node. One context variable, carried across tasks and threads."""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from opentelemetry import context as otel_context

from tracer.spans.names import GenAI, Prosaic

__all__ = ["NOWHERE", "PLACE", "Place", "Stay", "come_back"]


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


@dataclass(slots=True)
class Stay:
    """A visit to a place: from where, and whether it is over.

    LangChain tells the end of a run in another task than its beginning, where nothing can be put back for whoever began
    it. The end therefore only closes the visit, and whoever records something next comes back first.
    """

    outer: tuple[otel_context.Context, Place]
    before: Stay | None
    context: otel_context.Context | None = None
    place: Place | None = None
    over: bool = False

    @classmethod
    def begin(cls) -> Stay:
        """Give a visit that sets out from here."""
        come_back()
        return cls((otel_context.get_current(), PLACE.get()), _STAY.get())

    def go(self, context: otel_context.Context, place: Place) -> None:
        """Be in a place from now on."""
        self.context, self.place = context, place
        otel_context.attach(context)
        PLACE.set(place)
        _STAY.set(self)

    def end(self) -> None:
        """Be back where the visit set out from, here and for whoever began it."""
        self.over = True
        otel_context.attach(self.outer[0])
        PLACE.set(self.outer[1])


_STAY: ContextVar[Stay | None] = ContextVar("tracer_stay", default=None)


def come_back() -> None:
    """Leave every place that the visit to is over; what was gone into since then stays as it is."""
    while (stay := _STAY.get()) is not None and stay.over:
        if otel_context.get_current() is stay.context:
            otel_context.attach(stay.outer[0])
        if PLACE.get() is stay.place:
            PLACE.set(stay.outer[1])
        _STAY.set(stay.before)
