"""Freezing: everything that could change a result is under one hash, before the first run."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tracer import AddressError, Condition, SuiteError
from tracer.errors import StudyError
from tracer.store import open_store
from tracer.study import Design, changed_since, freeze, read_study

SUITE = """
import json
from pathlib import Path

from tracer import Check, Condition, Hypothesis, Measure, Scenario, Suite, Task, contrast

from .parts import wording
from .parts.margins import MARGIN
from ..shared import GREETING

ITEMS = json.loads((Path(__file__).parent / "items.json").read_text())
suite = Suite(
    name="quiz",
    question="Does it matter?",
    scenarios=[Scenario(id=f"s{n}", tags={"form": "ab"[n % 2]}, data={"item": i}) for n, i in enumerate(ITEMS)],
    conditions=[Condition(name="on"), Condition(name="off")],
    present=lambda s, c: Task(messages=[{"role": "user", "content": wording.ask(s.data["item"] + c.name)}]),
    measures=[Measure("y", lambda seen: seen.answer == "x")],
    hypotheses=[
        Hypothesis(
            id="h",
            claim="c",
            kind="behaviour",
            checks=(Check(name="a", role="angle", estimand=contrast("y", "on", "off"), margin=MARGIN),),
        )
    ],
    stack="stacks/plain.py:build",
)
"""
FILES = {
    "suites/quiz.py": SUITE,
    "suites/items.json": '["x", "y", "z", "w"]',
    "suites/parts/__init__.py": "",
    "suites/parts/wording.py": "def ask(item):\n    return item\n",
    "suites/parts/margins.py": "MARGIN = 0.3\n",
    "shared.py": "GREETING = 'hello'\n",
    "stacks/plain.py": "from .helper import answer\n\n\ndef build(kit):\n    return answer\n",
    "stacks/helper.py": "def answer(messages):\n    return 'x'\n",
    "stacks/other.py": "def build(kit):\n    return lambda messages: 'y'\n",
}
ADDRESS = "suites/quiz.py:suite"
DESIGN = Design(models={"m": {"model": "m", "weights": "abc"}})
FREEZE = """
import json, sys
from tracer.study import Design, freeze
print(freeze(sys.argv[1], Design(models={"m": {"weights": "abc", "model": "m"}})).hash)
"""
Change = Callable[[Path], None]


@pytest.fixture(scope="session")
def content(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a suite and stacks, never changed once it is loaded."""
    return written(tmp_path_factory.mktemp("content"))


@pytest.fixture
def here(content: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(content)
    return content


def written(folder: Path) -> Path:
    for name, text in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


def elsewhere(folder: Path, **environment: str) -> str:
    """Give the hash as another process finds it: loaded modules do not change with their files."""
    command = [sys.executable, "-c", FREEZE, ADDRESS]
    done = subprocess.run(
        command, cwd=folder, env={**os.environ, **environment}, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def test_same_inputs_same_hash(here: Path, tmp_path: Path) -> None:
    """Another process, another folder and another hash seed of Python give the same study."""
    study = freeze(ADDRESS, DESIGN)
    assert study.hash == elsewhere(written(tmp_path), PYTHONHASHSEED="7")
    assert study == freeze(ADDRESS, DESIGN)


def test_study_is_read_as_it_was_frozen(here: Path, tmp_path: Path) -> None:
    """What a store gives back is the study, equal in every field."""
    study = freeze(ADDRESS, DESIGN)
    store = open_store(tmp_path / "store")
    store.add_study(study.to_dict())
    assert read_study(store.study(study.hash[:6])) == study
    store.close()
    assert read_study(json.loads(json.dumps(study.to_dict()))) == study


def test_every_loaded_file_is_frozen(here: Path) -> None:
    """The suite, the stack and what they import relatively are under the hash; nothing else is."""
    assert sorted(freeze(ADDRESS, DESIGN).body["code"]) == [
        "shared.py",
        "stacks/helper.py",
        "stacks/plain.py",
        "suites/parts/__init__.py",
        "suites/parts/margins.py",
        "suites/parts/wording.py",
        "suites/quiz.py",
    ]


@pytest.mark.parametrize("name", sorted(set(FILES) - {"stacks/other.py"}))
def test_change_of_any_file_changes_the_hash(
    name: str, here: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A comment in code or an item in the data: it is another study."""
    changed = written(tmp_path)
    text = FILES[name].replace('"x"', '"changed"') if name.endswith(".json") else FILES[name] + "\n# a remark\n"
    (changed / name).write_text(text)
    study = freeze(ADDRESS, DESIGN)
    monkeypatch.chdir(changed)  # another folder is another module, so that the change is loaded
    assert freeze(ADDRESS, DESIGN).hash != study.hash
    assert changed_since(study, DESIGN.models) == ["scenarios" if name.endswith(".json") else "code"]


CHOICES: dict[str, Design] = {
    "seed": replace(DESIGN, seed=2),
    "replicates": replace(DESIGN, replicates=2),
    "scenarios": replace(DESIGN, scenarios=1),
    "stack": replace(DESIGN, stacks=("stacks/other.py:build",)),
    "alpha": replace(DESIGN, alpha=0.01),
    "calls per run": replace(DESIGN, max_calls_per_run=3),
    "seconds per run": replace(DESIGN, max_seconds_per_run=3),
    "weights of the model": replace(DESIGN, models={"m": {"model": "m", "weights": "other"}}),
    "further model": replace(DESIGN, models={**DESIGN.models, "k": {}}),
}


def test_every_choice_is_frozen(here: Path) -> None:
    """Whatever the one who runs it chooses gives a study of its own."""
    hashes = {freeze(ADDRESS, design).hash for design in (DESIGN, *CHOICES.values())}
    assert len(hashes) == len(CHOICES) + 1


def test_order_of_models_does_not_matter(here: Path) -> None:
    """The same models in another order are the same study."""
    models: dict[str, Any] = {"m": {"a": "1", "b": "2"}, "k": {}}
    turned = {"k": {}, "m": {"b": "2", "a": "1"}}
    assert freeze(ADDRESS, Design(models=models)).hash == freeze(ADDRESS, Design(models=turned)).hash


def test_version_of_a_library_is_frozen(here: Path, tmp_path: Path) -> None:
    """With another version of a library that has a part in the answers it is another study."""
    metadata = tmp_path / "openai-999.0.dist-info" / "METADATA"
    metadata.parent.mkdir()
    metadata.write_text("Metadata-Version: 2.1\nName: openai\nVersion: 999.0\n")
    assert elsewhere(here, PYTHONPATH=str(tmp_path)) != freeze(ADDRESS, DESIGN).hash


def test_margin_stands_in_the_study(here: Path) -> None:
    """Hypotheses are frozen as they are: margins, directions and words."""
    (hypothesis,) = freeze(ADDRESS, DESIGN).hypotheses
    assert hypothesis.checks[0].margin == 0.3
    assert freeze(ADDRESS, DESIGN).conditions == [Condition(name="on"), Condition(name="off")]


EDITS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "margin": lambda b: b["hypotheses"][0]["checks"][0].update(margin=0.1),
    "seed": lambda b: b.update(seed=9),
    "scenario": lambda b: b["scenarios"].pop(),
    "alpha": lambda b: b.update(alpha=0.2),
    "field": lambda b: b.update(note="added"),
}


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS.keys())
def test_edited_study_is_refused(edit: Callable[[dict[str, Any]], Any], here: Path) -> None:
    """A study changed by hand after it was frozen is not read, and the message says so."""
    stored = json.loads(json.dumps(freeze(ADDRESS, DESIGN).to_dict()))
    edit(stored["body"])
    with pytest.raises(StudyError, match="was changed after it was frozen"):
        read_study(stored)


def test_nothing_changed_since(here: Path) -> None:
    """A study of which nothing changed may go on, also where it took a part of the scenarios; another model may not."""
    part = freeze(ADDRESS, replace(DESIGN, scenarios=1))
    assert [s.id for s in part.scenarios] == ["s0", "s1"]
    assert changed_since(part, DESIGN.models) == []
    assert changed_since(part, {"m": {"model": "m", "weights": "other"}}) == ["models"]


@pytest.mark.parametrize(
    ("address", "design", "error", "told"),
    [
        ("suites/none.py:suite", DESIGN, AddressError, "no file"),
        ("suites/quiz.py:none", DESIGN, AddressError, "defines no 'none'"),
        ("stacks/plain.py:build", DESIGN, SuiteError, "not a tracer.Suite"),
        (ADDRESS, replace(DESIGN, stacks=("stacks/none.py:build",)), AddressError, "no file"),
    ],
)
def test_what_is_not_there_cannot_be_frozen(
    address: str, design: Design, error: type[Exception], told: str, here: Path
) -> None:
    """An address without a suite or a stack behind it is one clear error."""
    with pytest.raises(error, match=told):
        freeze(address, design)
