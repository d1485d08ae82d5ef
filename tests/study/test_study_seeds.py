"""Seeds: shared where runs are compared, different where they are counted."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tracer.study import call_seed, run_seed

NAMES = st.text(max_size=8)
COUNTS = st.integers(0, 2**40)


def test_seeds_are_those_of_earlier_versions() -> None:
    """A study frozen earlier goes on with the same seeds: the rule is part of the format."""
    assert (run_seed(1, "s", 0), run_seed(1, "s", 0, "again"), call_seed(7, 3)) == (180941819, 984615902, 2117675060)


@given(seed=COUNTS, scenario=NAMES, replicate=COUNTS, lane=NAMES, call=COUNTS)
def test_seeds_fit_every_endpoint(seed: int, scenario: str, replicate: int, lane: str, call: int) -> None:
    """A seed is a number of 31 bits, whatever it is made from, and the same each time."""
    for made in (run_seed(seed, scenario, replicate, lane), call_seed(seed, call)):
        assert 0 <= made < 2**31
    assert run_seed(seed, scenario, replicate, lane) == run_seed(seed, scenario, replicate, lane)


def test_seeds_differ_where_runs_are_counted() -> None:
    """Scenarios, replicates, studies, A/A lanes and the calls of a run all have seeds of their own."""
    runs = {
        run_seed(study, f"s{n}", k, lane) for study in (1, 2) for n in range(50) for k in (0, 1) for lane in ("", "x")
    }
    assert len(runs) == 400
    assert len({call_seed(5, call) for call in range(200)}) == 200
