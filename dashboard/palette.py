"""Colours and signs, one place: mid-tones that hold on light and dark ground and for colour-blind readers.

Hues follow Okabe and Ito 2008, "Color universal design". Colour never stands alone: every use has a word or a sign.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["ANSWERS", "BEARINGS", "EDGES", "GREY", "KINDS", "ROLES", "STATUSES", "Line", "Tone"]

BLUE, ORANGE, GREEN, RED = "#2b83c6", "#d08a1d", "#1f9b78", "#d2562e"
PURPLE, CYAN, BROWN, GREY = "#b0609c", "#3aa3b8", "#9a7652", "#87909b"


@dataclass(frozen=True, slots=True)
class Tone:
    """A colour and the sign that says the same."""

    color: str
    sign: str


@dataclass(frozen=True, slots=True)
class Line:
    """How one kind of edge is drawn: colour, dash pattern (SVG) and width in pixels."""

    color: str
    dash: str = ""
    width: float = 1.6


ANSWERS = {
    "supported": Tone(BLUE, "✓"),
    "refuted": Tone(RED, "✕"),
    "dissociation": Tone(PURPLE, "⇄"),
    "inconclusive": Tone(GREY, "?"),
    "not testable": Tone(BROWN, "∅"),
    "invalid": Tone(ORANGE, "!"),
}
BEARINGS = {"for": Tone(BLUE, "●"), "against": Tone(RED, "■"), "open": Tone(GREY, "○")}
STATUSES = {
    "completed": Tone(BLUE, "✓"),
    "failed": Tone(RED, "✕"),
    "limit": Tone(ORANGE, "◷"),
    "refused": Tone(PURPLE, "⊘"),
    "cancelled": Tone(GREY, "–"),
    "interrupted": Tone(ORANGE, "…"),
    "running": Tone(CYAN, "▸"),
}
KINDS = {
    "model": BLUE,
    "tool": ORANGE,
    "plan": GREEN,
    "message": PURPLE,
    "handoff": PURPLE,
    "memory": CYAN,
    "retrieval": CYAN,
    "human": BROWN,
    "probe": GREY,
    "agent": GREY,
    "workflow": GREY,
    "unknown": GREY,
}
ROLES = {"system": GREY, "user": BROWN, "assistant": BLUE, "tool": ORANGE}
EDGES = {
    "next": Line(GREY, width=1.2),
    "requests": Line(BLUE),
    "returns": Line(BLUE, "6 3"),
    "informs": Line(GREEN, "1.5 3.5", 2),
    "hands_off": Line(PURPLE, width=3),
    "sends": Line(PURPLE, "7 4"),
    "joins": Line(BROWN, "3 3", 2.2),
    "plans": Line(GREEN),
    "executes": Line(GREEN, "6 3"),
    "revises": Line(GREEN, "9 3 2 3"),
    "retries": Line(RED, "6 3"),
    "reads_memory": Line(CYAN, "6 3"),
    "forks": Line(CYAN, width=2.4),
}
