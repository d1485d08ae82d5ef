"""A suite is tried on the models that are planted for it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tracer import Planted
from tracer.calibration import Trial, trials_page
from tracer.study import to_markdown

SUITE = '''
import re

from tracer import Check, Condition, Hypothesis, Measure, Planted, Scenario, Suite, Task, contrast
from tracer.models import Organism, any_act, text_of

COLOURS = ("red", "blue", "green")
TOLD = contrast("right", "told", "plain")


def says(view, settings):
    """Answer with the colour that is told, where one is."""
    told = re.search(r"It is (\\w+)", text_of(view.messages[-1]["content"]))
    return view.answer(told.group(1) if told and settings.get("heeds") != "no" else "green")


teller = Organism("teller", "says what it is told", says, ("heeds",), feasible=any_act)


def present(scenario, condition):
    told = f"It is {scenario.data['colour']}." if condition.name == "told" else ""
    return Task(messages=[{"role": "user", "content": f"Item {scenario.id}. {told} Which colour?"}], options=COLOURS)


suite = Suite(
    name="colours",
    question="?",
    scenarios=[Scenario(id=f"s{n}", data={"colour": COLOURS[n % 2], "n": n}) for n in range(30)],
    conditions=[Condition(name="told"), Condition(name="plain")],
    present=present,
    measures=[Measure("right", lambda seen: seen.answer == seen.scenario.data["colour"])],
    hypotheses=[
        Hypothesis(
            id="uses", claim="c", kind="behaviour",
            checks=(
                Check(name="a", role="angle", estimand=TOLD, margin=0.3),
                Check(name="p", role="control", control="positive", estimand=TOLD, margin=-0.5),
            ),
        )
    ],
    stack="agents/plain.py:build",
    planted=[
        Planted(model="organism:colours.py:teller", truth="uses it", verdicts={"uses": "supported"}),
        Planted(model="organism:colours.py:teller?heeds=no", truth="does not", verdicts={"uses": "WANTED"}),
    ],
)
'''


def test_a_suite_is_held_against_what_is_planted(command: Any, here: Path) -> None:
    """Every planted model, and one that acts at random, gets the answer that is true of it."""
    (here / "colours.py").write_text(SUITE.replace("WANTED", "refuted"))
    done = command("check", "colours.py", "--table", "page.md", "--redraw", "20", "--json")
    assert done.code == 0
    answers = {trial["model"]: trial["answers"]["uses"] for trial in done.json["trials"]}
    planted = "organism:colours.py:teller"
    assert (answers[planted], answers[f"{planted}?heeds=no"]) == (["supported"], ["refuted"])
    assert answers["organism:chance"] != ["supported"]
    assert [sum(trial["redrawn"]["uses"].values()) for trial in done.json["trials"]] == [20, 20, 20]
    assert [trial["right"] for trial in done.json["trials"]] == [True, True, True]
    page = (here / "page.md").read_text()
    assert "3 of 3 answers are right" in page
    assert not (here / ".tracer").exists()


def test_a_wrong_answer_is_an_error(command: Any, here: Path) -> None:
    """A suite that does not find what is planted ends with code 2, and says which answer was wrong and why."""
    (here / "colours.py").write_text(SUITE.replace("WANTED", "supported"))
    done = command("check", "colours.py")
    assert (done.code, "1 model answered wrongly" in done.err) == (2, True)
    assert "organism:colours.py:teller?heeds=no, uses: refuted, since `a` = 0.0" in " ".join(done.out.split())


def test_a_planted_model_that_fails_is_told_with_its_reason(command: Any, here: Path) -> None:
    """A model whose runs fail is named once, with how many failed and why, and not as one that answered wrongly."""
    raises = 'return {}["drawer"] if "s3." in text_of(view.messages[-1]["content"]) else view.answer(told'
    suite = SUITE.replace("WANTED", "refuted").replace("return view.answer(told", raises)
    (here / "colours.py").write_text(suite)
    done = command("check", "colours.py")
    assert (done.code, done.err) == (2, "Error: colours.py: 2 models with failed runs\n")
    said = " ".join(done.out.split())
    assert "organism:colours.py:teller: 2 of 60 runs failed: " in said
    assert "colours.py, line 14: KeyError: 'drawer'; mend" in said


def test_what_the_runs_show_of_the_suite_itself_is_told(command: Any, here: Path) -> None:
    """A measure that no planted model moves is grave; a rival that none of them makes stand is told of as weak."""
    never = 'Measure("never", lambda seen: 0.0 if seen.answer else 0.5)'
    rival = 'Check(name="a word", role="rival", estimand=TOLD, margin=0.9)'  # shown by no model: 30 runs leave it open
    changed = SUITE.replace('seen.scenario.data["colour"])],', f'seen.scenario.data["colour"]),\n        {never}],')
    on_it = 'Check(name="on it", role="rival", estimand=contrast("never", "told", "plain"), margin=0.2)'
    changed = changed.replace(
        "            checks=(\n", f"            checks=(\n                {rival},\n                {on_it},\n"
    )
    (here / "colours.py").write_text(changed.replace("WANTED", "refuted"))
    done = command("check", "colours.py")
    told = " ".join(done.out.split())
    assert (done.code, "1 flaw" in done.err) == (2, True)
    line = 1 + changed[: changed.index('"never"')].count("\n")
    assert f"colours.py:{line}: measure 'never': is 0 in every run of every planted model" in told
    assert "weak uses, rival 'a word': no planted model makes it stand" in told


def test_the_page_names_the_models_that_show_a_rival_at_work() -> None:
    """Below the answers stands each rival that kept a claim from support, with the planted models in which it did."""
    planted = [Planted(model=f"organism:x.py:{name}", truth="t", verdicts={"h": "inconclusive"}) for name in "ab"]
    trials = [
        Trial(one, {"h": ["inconclusive"]}, {"completed": 8}, stood={"h": {"echo": True, "noise": False}})
        for one in planted
    ]
    page = to_markdown(trials_page({"s": trials}))
    assert "| h | echo | x.py:a, x.py:b |" in page
    assert "| h | noise | none |" in page
    assert "1 of 2 rivals are seen at work" in page


def test_repeated_studies_are_told_as_a_share() -> None:
    """With several studies the page gives how many were right, with an exact interval."""
    planted = Planted(model="organism:x.py:y", truth="t", verdicts={"h": "refuted or inconclusive"})
    drawn = {"h": {"refuted": 90, "inconclusive": 5, "supported": 5}}
    trial = Trial(planted, {"h": ["refuted", "supported", "inconclusive", "refuted"]}, {"completed": 8}, redrawn=drawn)
    assert trial.power("h") == (95, 100)
    assert not trial.holds
    page = to_markdown(trials_page({"s": [trial]}))
    assert "3 of 4 right \\[19%, 99%\\]" in page
    assert "(wrong)" in page
