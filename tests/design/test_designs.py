"""Designs: conditions from factors, effects from conditions, and what a fraction cannot tell apart."""

# pyright: reportUnknownLambdaType=false
# What is handed to a fixture or helper typed Any cannot be inferred.
from __future__ import annotations

from itertools import combinations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracer import Condition, Estimand, SuiteError
from tracer.design import again, aliases, average, crossed, effect, fractional, nested, resolution

TWO = (-1, 1)


def value_of(estimand: Estimand, conditions: Any, shown: Any) -> float:
    """Give the estimand's value where each condition shows `shown(levels)`."""
    of = {c.name: shown(c.levels) for c in conditions}
    return sum(weight * of[name] for name, weight in estimand.weights.items())


def seen_of(conditions: Any, pairs: dict[str, Any], **more: Any) -> Estimand:
    """Give the effect of factors whose names are known only when the test runs."""
    return effect(conditions, "m", **more, **pairs)


def test_crossed_factors_give_every_combination() -> None:
    """Conditions are named by their levels, in order, and conditions that are there already can be crossed further."""
    made = crossed(goal=("ab", "ba"), belief=("unmet", "seen"))
    assert [c.name for c in made] == ["ab-unmet", "ab-seen", "ba-unmet", "ba-seen"]
    assert dict(made[1].levels) == {"goal": "ab", "belief": "seen"}
    further = crossed(*made, remark=("none", "other"))
    assert len(further) == 8
    assert further[3].name == "ab-seen-other"


def test_nested_levels_exist_within_their_own_level() -> None:
    """An inner factor stands only in the conditions of its outer level, and its effect is one within it."""
    made = nested("memory", {"none": {}, "notes": {"length": ("short", "long")}})
    assert {c.name: dict(c.levels) for c in made} == {
        "none": {"memory": "none"},
        "notes-short": {"memory": "notes", "length": "short"},
        "notes-long": {"memory": "notes", "length": "long"},
    }
    outer = effect(made, "m", memory=("notes", "none"))
    assert dict(outer.weights) == {"none": -1, "notes-short": 0.5, "notes-long": 0.5}
    inner = effect(made, "m", within={"memory": "notes"}, length=("long", "short"))
    assert dict(inner.weights) == {"notes-short": -1, "notes-long": 1}


def test_again_is_the_same_treatment_with_other_seeds() -> None:
    """The A/A lane has the levels of its condition, seeds of its own, and no part in effects."""
    made = crossed(goal=("ab", "ba"), belief=("unmet", "seen"))
    lane = again(made[0])
    assert (lane.name, lane.reseed, lane.levels) == ("again", True, made[0].levels)
    assert "again" not in effect((*made, lane), "m", goal=("ab", "ba")).weights


# (generators, resolution, main effects that are mixed): Box and Hunter 1961, table of 2^(k-p) designs.
FRACTIONS = [
    ({"c": "ab"}, 3, {"a", "b", "c"}),
    ({"d": "abc"}, 4, set[str]()),
    ({"d": "ab", "e": "ac"}, 3, {"a", "b", "c", "d", "e"}),
    ({"e": "abcd"}, 5, set[str]()),
    ({"e": "abc", "f": "bcd"}, 4, set[str]()),
    ({"d": "ab", "e": "ac", "f": "bc", "g": "abc"}, 3, set("abcdefg")),
]


def fraction_of(generators: dict[str, str]) -> tuple[Condition, ...]:
    factors = sorted({*generators, *(f for word in generators.values() for f in word)})
    return fractional({name: tuple(word) for name, word in generators.items()}, **{f: (f, f.upper()) for f in factors})


@pytest.mark.parametrize(("generators", "length", "mixed"), FRACTIONS, ids=lambda v: str(v))
def test_regular_fractions_have_their_published_resolution(
    generators: dict[str, str], length: int, mixed: set[str]
) -> None:
    """Resolution and the main effects that are mixed with interactions are those of Box and Hunter's designs."""
    made = fraction_of(generators)
    factors = sorted(made[0].levels)
    assert len(made) == 2 ** (len(factors) - len(generators))
    assert resolution(made) == length
    told = {name for alias in aliases(made) for e in (alias.effect, alias.other) if len(e) == 1 for name in e}
    assert told == mixed
    for factor in factors:
        if factor in mixed:
            with pytest.raises(SuiteError, match=rf"the effect of {factor} cannot be told apart from \w x \w"):
                seen_of(made, {factor: (factor.upper(), factor)})
        else:
            asked = seen_of(made, {factor: (factor.upper(), factor)})
            assert value_of(asked, made, lambda levels, f=factor: float(levels[f].isupper())) == pytest.approx(1)


def test_aliases_of_a_half_fraction_are_its_words() -> None:
    """With d = abc, each interaction of two factors is mixed with the one of the two others, and with nothing else."""
    told = {(str.join("", a.effect), str.join("", a.other)) for a in aliases(fraction_of({"d": "abc"}))}
    assert told == {("ab", "cd"), ("ac", "bd"), ("ad", "bc")}
    assert str(aliases(fraction_of({"c": "ab"}))[0]) == "a cannot be told apart from b x c"
    with pytest.raises(SuiteError, match="a x b cannot be told apart from c x d"):
        effect(fraction_of({"d": "abc"}), "m", a=("A", "a"), b=("B", "b"))


def test_what_is_known_to_be_nil_can_be_named() -> None:
    """An aliased effect is given where the other one is declared negligible, with the weights of the fraction."""
    made = fraction_of({"c": "ab"})
    asked = effect(made, "m", a=("A", "a"), negligible=[("c", "b")])
    assert value_of(asked, made, lambda levels: float(levels["a"].isupper())) == 1
    assert value_of(asked, made, lambda levels: float(levels["b"].isupper())) == 0


@settings(max_examples=40)
@given(sizes=st.lists(st.integers(2, 3), min_size=1, max_size=3), data=st.data())
def test_a_full_cross_gives_each_effect_alone(sizes: list[int], data: st.DataObject) -> None:
    """From sums of effects of known size, each main effect and interaction comes out as it went in."""
    factors = {f"f{n}": tuple(range(size)) for n, size in enumerate(sizes)}
    made = crossed(**factors)
    assert (aliases(made), resolution(made)) == ((), None)
    mains = {f: data.draw(st.lists(st.integers(-9, 9), min_size=len(v), max_size=len(v))) for f, v in factors.items()}
    both = {pair: data.draw(st.integers(-9, 9)) for pair in combinations(factors, 2)}

    def shown(levels: Any) -> float:
        return sum(mains[f][levels[f]] for f in factors) + sum(
            size for pair, size in both.items() if all(levels[f] == 1 for f in pair)
        )

    for f, g in both:
        asked = seen_of(made, {f: (1, 0), g: (1, 0)})
        assert value_of(asked, made, shown) == pytest.approx(both[f, g])
    for f in factors:
        others = sum(size / len(factors[g]) for pair, size in both.items() if f in pair for g in {*pair} - {f})
        assert value_of(seen_of(made, {f: (1, 0)}), made, shown) == pytest.approx(mains[f][1] - mains[f][0] + others)
        mean = average(made, "m", **{f: 1})
        assert sum(mean.weights.values()) == pytest.approx(1)
        assert set(mean.weights) == {c.name for c in made if c.levels[f] == 1}


def test_a_missing_cell_leaves_what_can_be_held_constant() -> None:
    """Without one cell of four the main effects are seen where the other factor is constant; the interaction is not."""
    made = crossed(goal=("ab", "ba"), belief=("unmet", "seen"))[:3]
    assert dict(effect(made, "m", goal=("ba", "ab")).weights) == {"ba-unmet": 1, "ab-unmet": -1}
    with pytest.raises(SuiteError, match="goal x belief cannot be told apart"):
        effect(made, "m", goal=("ba", "ab"), belief=("seen", "unmet"))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: crossed(), "a design needs a factor"),
        (lambda: crossed(goal=("ab",)), "give two or more that differ"),
        (lambda: crossed(goal=("ab", "ab")), "give two or more that differ"),
        (lambda: crossed(a=("x-y", "x"), b=("z", "y-z")), "two conditions would be named 'x-y-z'"),
        (lambda: crossed(Condition(name="p", levels={"goal": 1}), goal=(1, 2)), "has the factor 'goal' already"),
        (lambda: fractional({"c": ("a",)}, a=TWO, b=TWO, c=TWO), "generator 'c' from a: give two or more"),
        (lambda: fractional({"c": ("a", "x")}, a=TWO, b=TWO, c=TWO), "that are crossed fully: a, b"),
        (lambda: fractional({"c": ("a", "b")}, a=TWO, b=(1, 2, 3), c=TWO), "'b' has 3 levels"),
        (lambda: effect(crossed(a=TWO, b=TWO), "m"), "an effect is of a factor"),
        (lambda: effect(crossed(a=TWO, b=TWO), "m", a=(1, 5)), r"not of \[1, 5\]; there are: a: -1, 1"),
        (lambda: effect(crossed(a=TWO, b=TWO), "m", c=(1, 5)), "there are: c: -"),
        (lambda: average(crossed(a=TWO, b=TWO), "m", a=7), "no condition has a = 7; there are: a: -1, 1"),
    ],
)
def test_what_makes_no_design_is_refused(make: Any, message: str) -> None:
    """A design that cannot be made, or an effect that it does not have, is refused with what there is."""
    with pytest.raises(SuiteError, match=message):
        make()
