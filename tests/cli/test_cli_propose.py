"""`tracer propose`: a model drafts hypotheses from runs kept for that, which are tested on runs that it never saw."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

LIGHTS = """
import hashlib, json
from tracer import *
from tracer.models import Act, Organism

NAMES = ("plain", "loud", "late", "soft")

def present(scenario, condition):
    return Task([{"role": "user", "content": f"{condition.name} {scenario.id}: which light?"}], options=("red", "blue"))

def of(*, red):
    return lambda view, settings: view.answer("red" if red(view.question) else "blue")

def drawn(text):
    return hashlib.sha256(text.encode()).digest()[0] % 2

lately = Organism("lately", "Late, it says red; else what it would say anyway.", of(red=lambda q: q.startswith("late")))
null = Organism("null", "Draws, whatever the condition.", of(red=drawn))

def answering(**said):
    whole = {"measure": "red", "condition": "late", "direction": "higher", "against": "plain", "sentence": "So."} | said
    return Organism("fixed", "Says the same every time.", lambda view, settings: Act(text=json.dumps(whole)), lapse=0.0)

sly = answering(sentence='\"\"\"\\n); raise SystemExit(7) #\\\\' + "'" * 3)
itself = answering(against="late")
claimed = answering(condition="loud")
strange = answering(measure="blue")
silent = answering(sentence=" ?")

suite = Suite(
    name="lights",
    question="When does it say red?",
    scenarios=[Scenario(id=f"s{n}", data={"item": n}) for n in range(30)],
    develop=[Scenario(id=f"d{n}", data={"item": -n}) for n in range(6)],
    conditions=[Condition(name=name) for name in NAMES],
    present=present,
    measures=[Measure("red", lambda seen: seen.answer == "red", "it says red")],
    hypotheses=[Hypothesis(id="loudness", claim="{system} says red when loud", kind="behaviour", checks=(
        Check(name="loud", role="angle", estimand=contrast("red", "loud", "plain"), margin=0.2),
        Check(name="at rest", role="control", control="floor", estimand=rate("red", "plain"), margin=0.9,
              direction="below"),
    ))],
    stack="agents/plain.py:build",
    models=("organism:lights.py:lately",),
    planted=[Planted(model="organism:lights.py:lately", truth="", verdicts={"loudness": "refuted"})],
)
alone = Suite("alone", "?", suite.scenarios, suite.conditions[:1], present, suite.measures, (), suite.stack,
              suite.models, develop=suite.develop)
"""


@pytest.fixture
def lights(command: Any, here: Path) -> Any:
    """The suite of lights in the working folder, and a function that runs it on its develop scenarios."""
    (here / "lights.py").write_text(LIGHTS)

    def read(model: str = "lately", suite: str = "suite") -> str:
        ran = command("run", f"lights.py:{suite}", "--develop", "--model", f"organism:lights.py:{model}", "--json")
        assert ran.code == 0, ran.err
        return ran.json["study"]

    return read


def test_a_planted_effect_is_proposed_and_then_found_where_nobody_looked(command: Any, here: Path, lights: Any) -> None:
    """Drafts are exploratory on runs that were read, pass the check, and are tested on the other scenarios alone."""
    study = lights()
    made = command("propose", "--model", "organism:proposer", "--n", "2")
    assert (made.code, made.err) == (0, "")
    assert made.out.count("(exploratory until frozen)") == 2
    assert "`red` is higher in `late` than in `" in made.out
    assert max(map(len, made.out.splitlines())) <= 80
    told = (here / "drafts.py").read_text()
    assert "organism:proposer proposed on" in told
    assert re.search(r"SHA-256 .*: [0-9a-f]{64}\n", told)
    assert command("check", "drafts.py:suite").code == 0

    late = command("verdict", study, "--also", "drafts.py:suite", "--json").json
    drafts = [v for v in late if v["hypothesis"].startswith("draft_")]
    assert [(v["confirmatory"], v["findings"][0]["estimate"]["n"]) for v in drafts] == [(False, 6)] * 2

    ran = command("run", "drafts.py:suite", "--json").json
    found = [(v["verdict"], v["confirmatory"], v["findings"][0]["estimate"]["n"]) for v in ran["verdicts"]]
    assert found == [("supported", True, 30)] * 2


def test_what_a_null_model_shows_by_chance_is_not_supported(command: Any, lights: Any) -> None:
    """The largest differences among few runs of a model that only draws are proposed, and do not hold."""
    lights("null")
    assert command("propose", "--model", "organism:proposer", "--n", "3").code == 0
    ran = command("run", "drafts.py:suite", "--model", "organism:lights.py:null", "--json").json
    assert len(ran["verdicts"]) == 3
    assert all(abs(v["findings"][0]["estimate"]["value"]) < 0.5 for v in ran["verdicts"])
    assert "supported" not in {v["verdict"] for v in ran["verdicts"]}


def test_what_the_drafts_rest_on_is_frozen(command: Any, here: Path, lights: Any) -> None:
    """The suite that the drafts were made for is part of the freeze: a change of it is a change of the study."""
    lights()
    command("propose", "--model", "organism:proposer", "--n", "1")
    frozen = command("freeze", "drafts.py:suite", "--json").json
    assert {"drafts.py", "lights.py"} <= set(frozen["body"]["code"])
    again = command("propose", "--model", "organism:proposer", "-n", "1", "-o", "again.py")
    assert (again.code, "read 24 runs" in again.out) == (0, True), "of a frozen study without runs nothing is read"
    (here / "lights.py").write_text(LIGHTS + "\n# changed\n")
    refused = command("run", frozen["hash"])
    assert (refused.code, "its code changed since it was frozen" in refused.err) == (2, True)


def test_the_words_of_a_model_are_never_run(command: Any, here: Path, lights: Any) -> None:
    """Quotes, backslashes and code in a sentence stand in the file as words, and what it was asked is kept."""
    lights()
    made = command("propose", "--model", "organism:lights.py:sly", "-n", "2", "-o", "sly.py")
    assert (made.code, "repeats an earlier draft" in " ".join(made.out.split())) == (0, True)
    frozen = command("freeze", "sly.py:suite", "--json")
    (hypothesis,) = frozen.json["body"]["hypotheses"]
    assert hypothesis["checks"][0]["says"].endswith("""\"\"\" ); raise SystemExit(7) #\\'''""")
    asked = re.search(r"is run ([0-9a-f]{32})", (here / "sly.py").read_text())
    assert asked is not None
    shown = command("show", asked[1], "--messages").out
    assert "condition `late`" in shown
    assert "Compared already" in shown


def test_a_run_is_told_with_its_acts(command: Any, here: Path, lights: Any) -> None:
    """Whole situations are shown until the characters are used up; single runs can be named, with their suite."""
    study = lights()
    few = command("propose", "--model", "organism:proposer", "-n", "1", "--characters", "1", "-o", "few.py")
    assert "read 4 runs of 24" in few.out
    rows = command("list", "--study", study, "--json").json
    two = [row["id"] for row in rows if row["scenario"] == "d0" and row["condition"] in ("late", "plain")]
    some = command(
        "propose", *two, "--suite", "lights.py:suite", "--model", "organism:proposer", "-n", "1", "-o", "two.py"
    )
    assert "read 2 runs of 2" in some.out
    assert "`red` is higher in `late` than in `plain`" in some.out


NOTHING = {
    "organism:chance": "nothing that can be used in 2 answers (condition is 'red', which is none of",
    "organism:lights.py:itself": "compares `late` with itself",
    "organism:lights.py:claimed": "repeats `loud` of `loudness`",
    "organism:lights.py:strange": "measure is 'blue', which is none of: red",
    "organism:lights.py:silent": "says no word about why",
    "organism:steadfast": "nothing that can be used",
}


def test_a_model_that_proposes_nothing_writes_nothing(command: Any, here: Path, lights: Any) -> None:
    """Nonsense, repeats and comparisons of a thing with itself are dropped with a note."""
    lights()
    for model, said in NOTHING.items():
        refused = command("propose", "--model", model, "-n", "1")
        assert (refused.code, refused.out, said in refused.err) == (2, "", True), refused.err
    assert not (here / "drafts.py").exists()


def test_runs_that_may_not_be_read_are_refused(command: Any, here: Path, lights: Any) -> None:
    """Nothing is proposed from the runs that test it, nor from none, nor where there is nothing to compare."""
    propose = ("propose", "--model", "organism:proposer")
    assert "no study in" in command(*propose).err
    frozen = command("freeze", "lights.py:suite", "--develop", "--json").json["hash"]
    assert "there is no completed run to read" in command(*propose, frozen).err
    study = lights()
    confirm = command("run", "lights.py:suite", "-n", "1", "--json").json["study"]
    refused = command(*propose, confirm)
    assert (refused.code, refused.out) == (2, "")
    assert "4 of the 4 runs are not of the develop scenarios of suite 'lights', e.g. of 's0'" in refused.err
    assert "tested only on data that it has not seen" in refused.err
    assert "not of the develop scenarios" in command(*propose, study, confirm).err, "among others as well"
    assert "has no scenarios to develop on" in command(*propose, study, "--suite", "quiz.py:suite").err
    assert "of 1 condition that is no A/A lane" in command(*propose, lights(suite="alone")).err
    assert "no study and no single run" in command(*propose, "feed").err
    run = command("list", "--study", study, "--json").json[0]["id"]
    assert "give --suite" in command(*propose, run).err
    assert "cannot be loaded as a suite" in command(*propose, study, "-o", "drafts.txt").err
    assert "nothing is overwritten" in command(*propose, study, "-o", "lights.py").err
    assert (here / "lights.py").read_text() == LIGHTS
