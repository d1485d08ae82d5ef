"""`tracer attribute`: which part moves a behaviour."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest

import tracer
from tracer.addresses import load_object
from tracer.cli import main
from tracer.store import open_store

SUITE = "scenarios/what_moves_it.py:suite"
FINE = {"choose_drink", "choose_size", "choose_cup", "confirm"}
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with one study of two stacks and two organisms on two sets of tools."""
    folder = tmp_path_factory.mktemp("attribution")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        stacks, models = ["agents/react.py:build", "agents/plain.py:build"], load_object(SUITE).models
        tracer.run(SUITE, stack=stacks, model=list(models), n=3, replicates=1, store=folder)
    return folder


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as ended:
        main(["attribute", *arguments])
    out = capsys.readouterr()
    assert isinstance(ended.value.code, int)
    return ended.value.code, out.out, out.err


def test_what_moves_it_is_found(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A stack without tools places no order, so that the stack has the largest share; the table fits 80 columns."""
    code, out, err = printed(capsys, "--measure", "solved", "--measure", "calls", "--store", str(store))
    assert (code, err) == (0, "")
    assert max(map(len, out.splitlines())) <= 80
    rows = {words[0]: words for line in out.partition("level")[0].splitlines() if (words := line.split())}
    shares = {name: float(rows[name][1].rstrip("%")) for name in ("model", "stack", "tools", "model:stack")}
    assert max(shares, key=lambda name: shares[name]) == "stack"
    assert {"between", "scenario", "stack:tools", "model:stack:tools"} <= rows.keys()
    assert "agents/plain.py:build" in out


def test_tools_on_offer_are_a_factor(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With each set of tools the system calls tools of that set and no others."""
    with contextlib.closing(open_store(store)) as opened:
        for run in opened.runs():
            spans = opened.spans(run.id)
            called = {s.name.removeprefix("execute_tool ") for s in spans if s.name.startswith("execute_tool ")}
            assert called <= (FINE if run.condition.startswith("fine") else {"place_order"})
    code, out, _ = printed(capsys, "--measure", "calls", "--json", "--store", str(store))
    assert code == 0
    assert '"tools"' in out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [((), "name the measure to divide"), (("--measure", "grace"), "has no measure 'grace': it has solved")],
)
def test_what_is_missing_is_named(
    store: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], message: str
) -> None:
    """Without a measure, or with an unknown one, the measures that there are are listed."""
    code, out, err = printed(capsys, *arguments, "--store", str(store))
    assert (code, out) == (2, "")
    assert message in err
