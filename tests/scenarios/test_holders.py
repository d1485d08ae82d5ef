"""A claim about who holds a goal or a belief in a team is true of some organisms and false of others."""

from __future__ import annotations

from pathlib import Path

import pytest

import tracer
from tracer.store import open_store
from tracer.trajectory import build_trajectory, reaches

HOLDERS = Path(__file__).with_name("holders.py")
TRUE_OF = {"goal_in_orchestrator": "orchestrator", "goal_in_workers": "workers", "goal_in_routing": "routing"}


@pytest.mark.parametrize("organism", TRUE_OF)
def test_a_goal_is_found_where_it_sits(organism: str, tmp_path: Path) -> None:
    """Every team serves the goal; only the claim that names its holder is supported, and the others find no effect."""
    result = tracer.run(f"{HOLDERS}:goals", model=f"organism:{organism}", store=tmp_path)
    verdicts = {verdict.hypothesis.id: verdict for verdict in result.verdicts}
    supported = {name for name, verdict in verdicts.items() if verdict.answer == "supported"}
    assert supported == {"system", TRUE_OF[organism]}
    without = {name for name, verdict in verdicts.items() if {f.outcome for f in verdict.findings} == {"FAIL"}}
    assert without == set(TRUE_OF.values()) - supported


def test_a_forged_belief_is_not_the_holders(tmp_path: Path) -> None:
    """What a messenger says that another believes is no evidence of it: the other's own words and access tell."""
    result = tracer.run(f"{HOLDERS}:beliefs", store=tmp_path)
    told = {
        (str(row.model).removeprefix("organism:"), row.scenario): (row.values["hearsay"], row.values["own words"])
        for row in result.rows
    }
    assert told == {
        ("forger", "b0"): (0.0, 1.0),
        ("forger", "b1"): (1.0, 0.0),
        ("goal_in_orchestrator", "b0"): (1.0, 1.0),
        ("goal_in_orchestrator", "b1"): (0.0, 0.0),
    }
    store = open_store(tmp_path)
    forged = next(row for row in result.rows if row.model == "organism:forger" and row.scenario == "b1")
    made = build_trajectory(store.spans(forged.id), id=forged.id)
    store.close()
    assert reaches(made, "the status is 'open'", "worker_1").answer
    assert reaches(made, "the status is 'open'", "supervisor").answer
    assert reaches(made, "the status is 'closed'", "worker_1").answer is False
    assert reaches(made, "the status is 'closed'", "worker_2").answer
