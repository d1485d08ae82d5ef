"""The suite on sources: what is left out of its lanes."""

from __future__ import annotations

from tracer import Suite
from tracer.addresses import load_object


def test_only_the_two_sources_lead_to_the_answer():
    """The right store stands once in each source that is in, and nowhere else; as many notes lead elsewhere."""
    suite: Suite = load_object("scenarios/source_attribution.py:suite")
    for scenario, condition in suite.cells():
        text = str(suite.present(scenario, condition).messages[-1]["content"])
        sources = sum(condition.levels[name] == "in" for name in ("fact", "procedure"))
        assert text.count(f"the {scenario.data['answer']} store") == sources
