"""`tracer compare`: two versions of a system, and a replication."""

from __future__ import annotations

from typing import Any


def test_models_and_replications_are_compared(command: Any) -> None:
    """Another model: what changed; another seed: both estimates and the pooled one; the same study: refused."""

    def study(*more: str) -> str:
        return command("run", "quiz.py:suite", "--json", *more).json["study"][:12]

    one, seed, model = study(), study("--seed", "2"), study("--model", "organism:steadfast?lapse=0")
    printed = command("compare", one, model)
    assert (printed.code, printed.err) == (0, "")
    told = " ".join(printed.out.split())
    assert "Between them differ: models." in told
    assert "+1.00 +0.00 -1.00 [" in told
    changed = command("compare", one, model, "--json").json[0]
    assert [changed[key]["value"] for key in ("first", "second", "change")] == [1.0, 0.0, -1.0]
    assert max(map(len, printed.out.splitlines())) <= 80
    again = command("compare", one, seed)
    assert "pooled" in again.out
    assert "neither code, models nor versions" in again.out
    pooled = command("compare", one, seed, "--json").json[0]["pooled"]
    assert (pooled["value"], pooled["clusters"]) == (1.0, 12)
    itself = command("compare", one, one)
    assert (itself.code, itself.out) == (2, "")
    assert "name two studies" in itself.err
