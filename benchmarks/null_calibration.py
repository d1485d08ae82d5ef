"""How often the statistics err when nothing is there, and how often their intervals hold the truth.

    python benchmarks/null_calibration.py [--studies 2000] [--seed 0] [--json]

Four situations, each with the usual analysis that fails in it beside ours, at a nominal 5 %:
pairs that are independent or nested (30 scenarios x 10 pairs, scenario effects of sd .25), analysed once at the end or
after every 10 pairs.
Rates come with Clopper-Pearson's 95 % interval. Ours have to stay at or below 5 %, and intervals for one look have to
hold the truth in 93 to 97 % (those for any number of looks hold it more often).

Then whole sequential studies, judged as `tracer verdict` judges them, on nested outcomes: each is looked at after
every second scenario and ends at the first look that decides it.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from statistics import fmean

import numpy as np
from numpy.typing import NDArray

from tracer import Check, Condition, Hypothesis, contrast
from tracer.stats.bootstrap import bootstrap
from tracer.stats.clustered import mean_of_clusters, sign_flip
from tracer.stats.rates import clopper_pearson
from tracer.stats.sequential import betting, e_process
from tracer.store import RunRow
from tracer.study import Study as Plan
from tracer.study import judge, run_seed

SCENARIOS, EPOCHS, LOOK = 30, 10, 10
MARGIN = 0.15
CLUSTERS = np.repeat(np.arange(SCENARIOS), EPOCHS)
Study = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Row:
    """One analysis in one situation: how often it does what it claims to do."""

    situation: str
    analysis: str
    ours: bool
    claim: str
    share: float
    low: float
    high: float
    studies: int


def independent_pairs(draw: np.random.Generator, effect: float = 0.0) -> Study:
    """Give 300 differences of two coin-like outcomes, each pair a scenario of its own."""
    first, second = draw.random((2, SCENARIOS * EPOCHS))
    return (first < 0.5 + effect / 2).astype(float) - (second < 0.5 - effect / 2)


def nested_pairs(draw: np.random.Generator, effect: float = 0.0) -> Study:
    """Give 300 differences of 30 scenarios, in which the effect varies with an sd of .25 around its mean."""
    shift = np.repeat(np.clip(draw.normal(effect, 0.25, SCENARIOS), effect - 0.7, effect + 0.7), EPOCHS)
    first, second = draw.random((2, SCENARIOS * EPOCHS))
    return (first < 0.5 + shift / 2).astype(float) - (second < 0.5 - shift / 2)


def _every_look(test: Callable[[Study], bool]) -> Callable[[Study], bool]:
    return lambda study: any(test(study[:end]) for end in range(2 * LOOK, study.size + 1, LOOK))


def _by_scenario(study: Study) -> Study:
    return study.reshape(-1, EPOCHS).mean(axis=1)


def _naive(study: Study) -> bool:
    return mean_of_clusters(study).p < 0.05


def _bets(values: Study) -> bool:
    return bool(e_process(values, expected=values.size).max() >= 20)


REJECTS: dict[str, list[tuple[str, bool, Callable[[Study], bool]]]] = {
    "independent, one look": [
        ("t over pairs", True, _naive),
        ("sign flip", True, lambda s: sign_flip(s, draws=999) < 0.05),
    ],
    "independent, a look every 10 pairs": [
        ("t over pairs", False, _every_look(_naive)),
        ("betting over pairs", True, _bets),
    ],
    "nested, one look": [
        ("t over pairs", False, _naive),
        ("t over scenario means", True, lambda s: mean_of_clusters(s, CLUSTERS).p < 0.05),
        ("sign flip over scenarios", True, lambda s: sign_flip(s, CLUSTERS) < 0.05),
        ("studentised cluster bootstrap", True, lambda s: bootstrap(s, CLUSTERS, resamples=999).p < 0.05),
    ],
    "nested, a look every 10 pairs": [
        ("t over pairs", False, _every_look(_naive)),
        ("betting over pairs", False, _bets),
        ("t over scenario means", False, _every_look(lambda s: mean_of_clusters(_by_scenario(s)).p < 0.05)),
        ("betting over scenario means", True, lambda s: _bets(_by_scenario(s))),
    ],
}


def _covers(low: float, high: float, effect: float) -> bool:
    return low <= effect <= high


def coverage(studies: int, seed: int, effect: float = 0.2) -> list[Row]:
    """Give how often intervals at 95 % hold the planted effect."""

    def student(study: Study) -> bool:
        found = mean_of_clusters(study, CLUSTERS)
        return _covers(found.low, found.high, effect)

    def resampled(study: Study) -> bool:
        found = bootstrap(study, CLUSTERS, resamples=999)
        return _covers(found.low, found.high, effect)

    def unclustered(study: Study) -> bool:
        found = mean_of_clusters(study)
        return _covers(found.low, found.high, effect)

    def any_time(study: Study) -> bool:
        found = betting(_by_scenario(study), expected=SCENARIOS)
        return _covers(found.low, found.high, effect)

    analyses = (
        ("t over pairs", False, unclustered),
        ("t over scenario means", True, student),
        ("studentised cluster bootstrap", True, resampled),
        ("confidence sequence over scenario means", True, any_time),
    )
    drawn = [nested_pairs(np.random.default_rng([seed, 9, i]), effect) for i in range(studies)]
    return [
        _row(f"nested, effect {effect}", name, ours, "covers", sum(map(test, drawn)), studies)
        for name, ours, test in analyses
    ]


def false_positives(studies: int, seed: int) -> list[Row]:
    """Give how often each analysis rejects a true null, in each situation."""
    rows: list[Row] = []
    for number, (situation, analyses) in enumerate(REJECTS.items()):
        sampler = nested_pairs if situation.startswith("nested") else independent_pairs
        drawn = [sampler(np.random.default_rng([seed, number, i])) for i in range(studies)]
        rows.extend(
            _row(situation, name, ours, "rejects", sum(map(test, drawn)), studies) for name, ours, test in analyses
        )
    return rows


def _plan() -> Plan:
    """Give a sequential study of one claim: its angle, a control whose effect is large, and an A/A lane."""

    def check(name: str, role: str, condition: str, **more: object) -> Check:
        given = {"name": name, "role": role, "estimand": contrast("shown", condition, "plain"), **more}
        return Check.model_validate(given)

    claim = Hypothesis(
        id="h",
        claim="{system} is moved",
        kind="behaviour",
        checks=(
            check("angle", "angle", "hinted", family="action", margin=MARGIN),
            check("control", "control", "told", control="positive", margin=MARGIN),
            check("same again", "null", "again"),
        ),
    )
    body = {
        "suite": "simulated",
        "name": "simulated",
        "scenarios": [{"id": f"s{n}", "tags": {}, "cluster": f"s{n}"} for n in range(SCENARIOS)],
        "conditions": [Condition(name=name).model_dump(mode="json") for name in ("plain", "hinted", "told", "again")],
        "measures": [{"name": "shown", "says": "", "low": 0.0, "high": 1.0}],
        "hypotheses": [claim.model_dump(mode="json")],
        "stacks": ["simulated"],
        "models": {"m": {}},
        "replicates": EPOCHS // 2,
        "seed": 1,
        "alpha": 0.05,
        "sequential": {"looks": 20},
    }
    return Plan("5eed" * 16, body)


def peeked_studies(studies: int, seed: int) -> list[Row]:
    """Give how often whole sequential studies decide what is not so, and what share of runs they need where it is."""
    plan = _plan()
    blank = [
        RunRow(
            id=f"{n:032x}",
            study=plan.hash,
            scenario=scenario,
            condition=condition,
            stack="simulated",
            model="m",
            replicate=replicate,
            seed=run_seed(1, scenario, replicate),
            status="completed",
        )
        for n, (scenario, condition, replicate) in enumerate(plan.cells())
    ]
    rows: list[Row] = []
    for effect in (MARGIN, 0.0, 3 * MARGIN):
        answers: Counter[str] = Counter()
        made: list[int] = []
        for i in range(studies):
            draw = np.random.default_rng([seed, 77, i])
            shift = np.clip(draw.normal(effect, 0.25, SCENARIOS), effect - 0.2, effect + 0.2)
            rate = {"plain": 0 * shift, "again": 0 * shift, "hinted": shift, "told": 0 * shift + 0.6}
            shown = [float(draw.random() < 0.35 + rate[r.condition][int(r.scenario[1:])]) for r in blank]
            (verdict,) = judge(plan, [replace(r, values={"shown": v}) for r, v in zip(blank, shown, strict=True)])
            answers[verdict.answer.value] += 1
            made.append(verdict.looked.clusters if verdict.looked else SCENARIOS)
        place = f"sequential study, effect {effect:g} ({fmean(made) / SCENARIOS:.0%} of runs)"
        rows += [
            _row(place, "answer", True, name, answers[name], studies) for name in ("supported", "refuted", "invalid")
        ]
    return rows


def _row(situation: str, name: str, ours: bool, claim: str, hits: int, studies: int) -> Row:
    found = clopper_pearson(hits, studies)
    return Row(situation, name, ours, claim, found.value, found.low, found.high, studies)


def main() -> None:
    """Simulate and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--studies", type=int, default=2000, help="simulated studies in each situation")
    parser.add_argument("--whole", type=int, help="simulated sequential studies for each effect; default half as many")
    parser.add_argument("--seed", type=int, default=0, help="seed of all simulated studies")
    parser.add_argument("--json", action="store_true", help="print one JSON object a row")
    options = parser.parse_args()
    rows = [
        *false_positives(options.studies, options.seed),
        *coverage(options.studies, options.seed),
        *peeked_studies(options.studies // 2 if options.whole is None else options.whole, options.seed),
    ]
    for row in rows:
        if options.json:
            print(json.dumps(asdict(row)))
        else:
            mark = "ours " if row.ours else "usual"
            name = f"{row.situation:<35} {mark} {row.analysis:<40} {row.claim:<8}"
            print(f"{name} {100 * row.share:5.1f} %  [{100 * row.low:.1f}, {100 * row.high:.1f}]")


if __name__ == "__main__":
    main()
