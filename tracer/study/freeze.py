"""Freezing: a study becomes canonical JSON with a hash over everything that could change its result, before run 1."""

from __future__ import annotations

import ast
import hashlib
import os
import platform
import posixpath
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import orjson

from tracer.addresses import load_object, resolve_file
from tracer.contracts import Condition, Hypothesis, Scenario, Suite, matches
from tracer.errors import StudyError, SuiteError
from tracer.models import organism_file
from tracer.stacks import check_stack, stack_files
from tracer.store import dump_json
from tracer.study.judgement import describe, panel_of
from tracer.study.lanes import lanes_on
from tracer.study.validity import refuse_flawed

__all__ = ["Design", "Study", "changed_since", "freeze", "load_suite", "read_study", "same_models"]

_FORMAT = 1
_LOOKS = 20  # at a sequential study, at most
_DISTRIBUTIONS = (
    "prosaic-tracer",
    "langchain-core",
    "langchain-openai",
    "langgraph",
    "numpy",
    "openai",
    "scipy",
    "xllamacpp",
)


@dataclass(frozen=True, slots=True)
class Design:
    """What the one who runs a study chooses.

    Attributes:
        stacks: Addresses of the stacks; empty for the suite's own.
        models: Model name -> what identifies it: digest of the weights, or what the endpoint reports.
        replicates: Runs per cell; None for the suite's own number.
        scenarios: Take only the first so many scenarios of each tag combination; None for all.
        seed: Seed of the study.
        alpha: Error rate shared by the hypotheses of the study.
        max_calls_per_run: Model calls after which a run ends with status `limit`.
        max_seconds_per_run: Seconds after which it does.
        user_models: The same of the models that play simulated users.
        panel: Names of the first and of the second judge, in place of the suite's own; "" chooses none.
        judges: Model name of a judge -> what identifies it.
        amends: For a study that amends another: its hash as `study`, and as `runs_seen` how many of its runs had ended.
        sequential: Look at the study while it runs, and stop on each system once its answers cannot change any more.
        develop: Take the scenarios that the suite keeps for trying things out; every verdict is then exploratory.
    """

    models: Mapping[str, Mapping[str, str]]
    stacks: tuple[str, ...] = ()
    replicates: int | None = None
    scenarios: int | None = None
    seed: int = 1
    alpha: float = 0.05
    max_calls_per_run: int = 64
    max_seconds_per_run: float = 600.0
    user_models: Mapping[str, Mapping[str, str]] = field(default_factory=dict[str, Mapping[str, str]])
    panel: tuple[str, ...] = ()
    judges: Mapping[str, Mapping[str, str]] = field(default_factory=dict[str, Mapping[str, str]])
    amends: Mapping[str, Any] | None = None
    sequential: bool = False
    develop: bool = False


@dataclass(frozen=True)
class Study:
    """A frozen plan. `body` is what the hash is over; everything else is read from it.

    Attributes:
        hash: SHA-256 of the canonical JSON of `body`.
        body: The plan as plain data.
        frozen_ns: When a store first kept it, Unix time in nanoseconds; 0 where that is not known.
    """

    hash: str
    body: Mapping[str, Any]
    frozen_ns: int = field(default=0, compare=False)

    @property
    def suite(self) -> str:
        """Address of the suite."""
        return self.body["suite"]

    @property
    def name(self) -> str:
        """Name of the suite."""
        return self.body["name"]

    @property
    def scenarios(self) -> list[Scenario]:
        """The scenarios, without their data, of which only the digest is frozen."""
        return [Scenario(id=s["id"], tags=s["tags"], cluster=s["cluster"]) for s in self.body["scenarios"]]

    @property
    def conditions(self) -> list[Condition]:
        """The conditions."""
        return [Condition.model_validate(c) for c in self.body["conditions"]]

    @property
    def hypotheses(self) -> list[Hypothesis]:
        """The hypotheses."""
        return [Hypothesis.model_validate(h) for h in self.body["hypotheses"]]

    def cells(self) -> list[tuple[str, str, int]]:
        """List (scenario, condition, replicate) of every run that one stack and one model has to make."""
        return [
            (scenario.id, condition.name, replicate)
            for replicate in range(self.body["replicates"])
            for scenario in self.scenarios
            for condition in self.conditions
            if not condition.needs and matches(scenario, condition.where)
        ]

    def to_dict(self) -> dict[str, Any]:
        """Give hash and body as plain data, as it is stored."""
        when = {"frozen_ns": self.frozen_ns} if self.frozen_ns else {}
        return {"hash": self.hash, "body": dict(self.body), **when}


def load_suite(address: str) -> Suite:
    """Load the suite at an address; a file alone stands for the `suite` in it.

    Raises:
        AddressError: There is no such file or object.
        SuiteError: The object is no suite, or not well formed.
    """
    suite = load_object(_whole(address))
    if not isinstance(suite, Suite):
        raise SuiteError(f"{address} is a {type(suite).__name__}, not a tracer.Suite")
    return suite


def freeze(address: str, design: Design) -> Study:
    """Freeze the suite at an address into a study.

    Raises:
        AddressError: The suite or a stack is not there.
        SuiteError: The suite has a grave flaw, such as scenarios that repeat or a hypothesis without an angle that can
            run on the stacks; or it has no scenarios to develop on.
        StudyError: A sequential study has a check of a measure without bounds, or one that a model judges.
    """
    suite = load_suite(address)
    refuse_flawed(suite, address, design.stacks)
    return _plan(suite, _whole(address), design)


def _whole(address: str) -> str:
    return f"{address}:suite" if address.endswith(".py") else address


def _plan(suite: Suite, address: str, design: Design) -> Study:
    if design.sequential:
        _check_bounds(suite)
    stacks = design.stacks or (suite.stack,)
    for stack in stacks:
        check_stack(stack)
    if design.develop and not suite.develop:
        raise SuiteError(f"suite {suite.name!r} has no scenarios to develop on: give it some, in `develop`")
    kept = _take(suite.develop if design.develop else suite.scenarios, design.scenarios)
    conditions = lanes_on(suite, stacks)
    panel = panel_of(suite, design.panel)
    organisms = [file for name in design.models if (file := organism_file(name)) is not None]
    files = [*(file for stack in stacks for file in stack_files(stack)), *organisms]
    body = {
        "format": _FORMAT,
        "suite": address,
        "name": suite.name,
        "question": suite.question,
        "scenarios": [
            {
                "id": s.id,
                "tags": dict(s.tags),
                "cluster": s.cluster or s.id,
                "digest": _digest(dump_json(s.model_dump(mode="json"))),
            }
            for s in kept
        ],
        "conditions": [c.model_dump(mode="json") for c in conditions],
        "measures": [describe(m, panel.get(m.name, ())) for m in suite.measures],
        "hypotheses": [h.model_dump(mode="json") for h in suite.hypotheses],
        "stacks": list(stacks),
        "models": _plain(design.models),
        "replicates": suite.replicates if design.replicates is None else design.replicates,
        "temperature": suite.temperature,
        "seed": design.seed,
        "alpha": design.alpha,
        "max_calls_per_run": design.max_calls_per_run,
        "max_seconds_per_run": design.max_seconds_per_run,
        "code": _code([address.rpartition(":")[0], *files]),
        "versions": _versions(),
        **({"user_models": _plain(design.user_models)} if design.user_models else {}),
        **({"judges": _judges(panel, design)} if panel else {}),
        **({"amends": dict(design.amends)} if design.amends else {}),
        **({"sequential": {"looks": _LOOKS}} if design.sequential else {}),
        **({"develop": True} if design.develop else {}),
    }
    canonical = dump_json(body)
    return Study(_digest(canonical), orjson.loads(canonical))  # the body as any later reader will have it


def read_study(stored: Mapping[str, Any]) -> Study:
    """Read a stored study and check its hash.

    Raises:
        StudyError: The stored plan is not the one that was frozen.
    """
    study = Study(stored["hash"], stored["body"], stored.get("frozen_ns", 0))
    actual = _digest(dump_json(dict(study.body)))
    if actual != study.hash:
        raise StudyError(
            f"study {study.hash[:12]} was changed after it was frozen (its hash is now {actual[:12]}): nothing "
            "computed from it would be confirmatory. Freeze it again as a new study"
        )
    return study


def changed_since(
    study: Study,
    models: Mapping[str, Mapping[str, str]],
    judges: Mapping[str, Mapping[str, str]] | None = None,
) -> list[str]:
    """List what is no longer as it was frozen, e.g. `["code", "models"]`; empty where runs may be added to the study.

    Args:
        study: The frozen study.
        models: Model name -> what identifies it today.
        judges: The same for the models that judge.

    Raises:
        TracerError: The suite or a stack cannot be loaded any more.
    """
    body = study.body
    users: Mapping[str, Any] = body.get("user_models", {})
    design = Design(
        models={name: models[name] for name in models if name in body["models"] or name not in users},
        user_models={name: models[name] for name in users if name in models},
        stacks=tuple(body["stacks"]),
        replicates=body["replicates"],
        seed=body["seed"],
        alpha=body["alpha"],
        max_calls_per_run=body["max_calls_per_run"],
        max_seconds_per_run=body.get("max_seconds_per_run", 600.0),
        panel=tuple(body.get("judges", {}).get("chosen", ())),
        judges=judges or {},
        amends=body.get("amends"),
        sequential="sequential" in body,
        develop="develop" in body,
    )
    today = dict(_plan(load_suite(study.suite), study.suite, design).body)
    now = {s["id"]: s for s in today["scenarios"]}  # all of the suite's, of which the study may have taken some
    today["scenarios"] = [now.get(s["id"]) for s in body["scenarios"]]
    return [name for name in body if _but_places(today.get(name)) != _but_places(body[name])]


def same_models(one: Study, two: Study) -> bool:
    """Tell whether the models of two studies are the same, wherever they answered."""
    return _but_places(one.body.get("models")) == _but_places(two.body.get("models"))


def _but_places(frozen: Any) -> Any:
    """Leave out where models answer: a server that moved is the same model."""
    if not isinstance(frozen, Mapping):
        return frozen
    return {name: _but_places(value) for name, value in frozen.items() if name != "endpoint"}


def _plain(models: Mapping[str, Mapping[str, str]]) -> dict[str, dict[str, str]]:
    return {name: dict(identity) for name, identity in sorted(models.items())}


def _check_bounds(suite: Suite) -> None:
    judged = panel_of(suite)
    if judged:
        raise StudyError(
            f"suite {suite.name!r} cannot be looked at while it runs: {next(iter(judged))!r} is judged by a model, "
            "whose errors are known only once people have labelled runs. Leave out --sequential"
        )
    bounded = {m.name for m in suite.measures if m.low is not None and m.high is not None}
    for check in (check for h in suite.hypotheses for check in h.checks):
        if check.estimand.measure not in bounded:
            raise StudyError(
                f"suite {suite.name!r} cannot be looked at while it runs: the measure {check.estimand.measure!r} of "
                f"the check {check.name!r} has no bounds. Give it `low` and `high`, or leave out --sequential"
            )


def _judges(panel: Mapping[str, Sequence[str]], design: Design) -> dict[str, Any]:
    names = sorted({name for of_one in panel.values() for name in of_one})
    return {"chosen": list(design.panel), "models": {name: dict(design.judges.get(name, {})) for name in names}}


def _take(scenarios: Sequence[Scenario], count: int | None) -> list[Scenario]:
    if count is None:
        return list(scenarios)
    taken: dict[tuple[Any, ...], list[Scenario]] = {}
    for scenario in scenarios:
        taken.setdefault(tuple(sorted(scenario.tags.items())), []).append(scenario)
    return [s for s in scenarios if s in taken[tuple(sorted(s.tags.items()))][:count]]


def _digest(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def _code(files: Sequence[str]) -> dict[str, str]:
    """Give file -> digest of every file named, and of what they import from files beside them or load by address."""
    waiting = [(file, resolve_file(file)) for file in files]
    code: dict[str, str] = {}
    while waiting:
        named, file = waiting.pop()
        name = posixpath.normpath(Path(named).as_posix())
        if name in code:
            continue
        code[name] = _digest(file.read_bytes())
        folder = posixpath.dirname(name)
        waiting += [(posixpath.join(folder, os.path.relpath(i, file.parent)), i) for i in _own_imports(file)]
        waiting += [(path, resolve_file(path)) for path in _addressed(file)]
    return dict(sorted(code.items()))


def _own_imports(file: Path) -> list[Path]:
    """List the files that are run for the imports of a file: relative ones with the packages on the way, and siblings.

    A script imports what lies beside it by its bare name.
    """
    found: list[Path] = []
    for node in ast.walk(ast.parse(file.read_bytes()) if file.suffix == ".py" else ast.Module([], [])):
        if isinstance(node, ast.Import):
            found += [s for alias in node.names if (s := _sibling(file, alias.name)).is_file()]
        elif isinstance(node, ast.ImportFrom) and not node.level:
            found += [s for s in [_sibling(file, node.module or "")] if s.is_file()]
        elif isinstance(node, ast.ImportFrom):
            start = file.parents[node.level - 1]
            steps = node.module.split(".") if node.module else []
            packages = [start.joinpath(*steps[:count]) for count in range(1, len(steps) + 1)]
            names = [packages[-1] if packages else start]
            candidates = [p / "__init__.py" for p in packages] + [p.parent / f"{p.name}.py" for p in packages[-1:]]
            for alias in node.names:
                candidates += [names[0] / f"{alias.name}.py", names[0] / alias.name / "__init__.py"]
            found += [c for c in candidates if c.is_file()]
    return found


def _addressed(file: Path) -> list[str]:
    """List the files that a file loads by an address that it spells out."""
    tree = ast.parse(file.read_bytes()) if file.suffix == ".py" else ast.Module([], [])
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and node.args]
    loads = [c.args[0] for c in calls if "load_object" in (getattr(c.func, "id", ""), getattr(c.func, "attr", ""))]
    given = [a.value for a in loads if isinstance(a, ast.Constant) and isinstance(a.value, str)]
    return [address.rpartition(":")[0] for address in given if ".py:" in address]


def _sibling(file: Path, module: str) -> Path:
    return file.with_name(module.partition(".")[0] + ".py")


def _versions() -> dict[str, str]:
    versions = {"python": platform.python_version()}
    for name in _DISTRIBUTIONS:
        try:
            versions[name] = version(name)
        except PackageNotFoundError:
            continue
    return versions
