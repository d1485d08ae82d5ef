"""Does an agent predict another by what that one could know, and does it act on the prediction?

Question. A helper knows that a thing has been moved; the seeker may or may not know. Where will the seeker look first?
Whoever has no model of what others can know answers with where the thing is, or with where it always was.

Design. Two agents with contexts of their own: each is told only what it was there for, so that what either can know
follows from the scenario, and is checked in the trajectory. The twins differ in one fact: the seeker stayed and looked
on (`watched`), or was out (`absent`). In `informed` the seeker was out as well and has been told since; in `announced`
the seeker says where it will look, which anybody can repeat. The helper does two things with what it knows: it leaves a
note where the seeker will look first (an act), and it answers the question. Two lanes ask the helper for the facts.
The seeker looks for itself, from its own context.

Source. Wimmer and Perner 1983 (unseen change); Gandhi et al. 2023 (arXiv 2306.15448), true- and false-belief twins; Kim
et al. 2023 (arXiv 2310.15421), answers held against the access of each party; Ullman 2023 (arXiv 2302.08399), small
changes that turn the right answer; Gu et al. 2024 (arXiv 2410.13648), the prediction stated against its use.

What differs. Stories are drawn by code, so that old place, new place and their order are balanced. The parties are
agents of one system with separate contexts, where the papers have one reader of one text. `informed` is made a rival:
a system that goes by the mere word of an absence passes the classical twins.

What a verdict means. `predicts_by_access` supported: absence moves answer and note to the old place, and news take that
back. Refuted: it answers alike for seekers who know and who do not. Dissociation: it says where the seeker will look,
and puts the note elsewhere. Inconclusive with *mere absence* standing, in answer or note: it goes by who was out, not
by who knows. Not testable: it cannot tell where the thing is or was. `seeks_by_access`: the seeker itself goes by what
it was shown.

Blind spots. First-order beliefs about places only; the access of each party is stated in plain words, so that nobody
has to work out who could see what; a rule on the words "told" and "out" would pass too.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from functools import partial
from itertools import permutations
from pathlib import Path
from typing import Literal, get_args

from tracer import (
    Check,
    Condition,
    Estimand,
    Hypothesis,
    Measure,
    Missing,
    Observation,
    Planted,
    Role,
    Scenario,
    Suite,
    Task,
    World,
    action,
    angle,
    contrast,
    control,
    rate,
    read_labelled,
)
from tracer.rivals import same_again
from tracer.trajectory import reaches

__all__ = ["suite"]

MARGIN = 0.3  # effects of a rule that is followed are near 1; less than this would be of use to no partner
FLOOR = 0.6  # three places: chance is 1/3, and the facts stand in plain words
SCENARIOS = 32
Place = Literal["box", "basket", "drawer"]
PLACES: tuple[Place, ...] = get_args(Place)
PEOPLE = ("Lena", "Mirko", "Ayla", "Tomas", "Ines", "Bo", "Runa", "Karim", "Sofie", "Dario", "Nele", "Pavel")
ROOMS = ("kitchen", "workshop", "office", "attic", "garage", "studio")
THINGS = (
    "rope lamp map brush hammer scarf whistle ladle torch ribbon stapler kettle wrench notebook candle ruler "
    "thermos chisel umbrella mirror trowel compass pillow bell funnel padlock sponge magnet apron tripod camera vase "
    "pencil violin blanket bucket clock comb cup dice fan flute fork glove hat jar key knife mask mug needle peg "
    "plate puzzle radio saw spade spoon stamp tape thimble tray wallet watch"
)


class Room(World):
    """A room with three places, in which a note can be left and a thing be looked for.

    Attributes:
        thing_in: Where the thing is.
        note_in: Where the helper left its note; "" before.
        looked_in: Where the seeker looked first; "" before.
    """

    thing_in: str
    note_in: str = ""
    looked_in: str = ""

    @action
    def look_in(self, place: Place) -> str:
        """Look for the thing in one place."""
        self.looked_in = self.looked_in or place
        return "You have looked. Your turn is over."

    @action
    def leave_note(self, place: Place) -> str:
        """Leave a note in one place."""
        self.note_in = self.note_in or place
        return f"The note lies in the {place}."


# --- the situations ---------------------------------------------------------------------------------------------------


def _situations(prefix: str, things: Sequence[str]) -> list[Scenario]:
    """Draw one situation a thing; who moves what from where to where is balanced over them."""
    rng = random.Random(f"rooms {prefix}")
    orders = list(permutations(PLACES))
    made: list[Scenario] = []
    for number, thing in enumerate(things):
        seeker, helper, other = rng.sample(PEOPLE, 3)
        old, new, third = orders[number % len(orders)]
        data = {"thing": thing, "seeker": seeker, "helper": helper, "other": other}
        data |= {"old": old, "new": new, "third": third, "room": rng.choice(ROOMS), "listed": rng.sample(PLACES, 3)}
        made.append(Scenario(id=f"{prefix}-{number:02d}", data=data))
    return made


SEEKERS = ("watched", "absent", "informed", "announced")
CONDITIONS = [
    *(Condition(name=known, levels={"seeker": known, "asked": "prediction"}) for known in SEEKERS),
    Condition(name="absent-again", levels={"seeker": "absent", "asked": "prediction"}, reseed=True),
    *(Condition(name=f"fact-{fact}", levels={"seeker": "absent", "asked": fact}) for fact in ("now", "first")),
]
TO_HELPER = {
    "watched": "{seeker} stayed. {other} moved the {thing} to the {new} while {seeker} looked on. Then {other} left.",
    "absent": "{seeker} went out. {other} moved the {thing} to the {new} while {seeker} was out. Then {other} left.",
    "informed": "{seeker} went out. {other} moved the {thing} to the {new} while {seeker} was out. "
    "Then {other} told {seeker} where the {thing} is.",
    "announced": "{seeker} stayed. {other} moved the {thing} to the {new} while {seeker} looked on. "
    "Then {seeker} said: I will look in the {third}.",
}
TO_SEEKER = {
    "watched": "You stayed. {other} moved the {thing} to the {new} while you looked on. Then {other} left.",
    "absent": "You went out. Now you are back.",
    "informed": "You went out. Then {other} told you that the {thing} is in the {new}.",
    "announced": "You stayed. {other} moved the {thing} to the {new} while you looked on. "
    "Then you said: I will look in the {third}.",
}
PLACES_TOLD = "In the {room} there are three places: {places}. "
TURN_OF_HELPER = (
    " Call leave_note first: leave a note where {seeker} will look first. Then submit where {seeker} will look first."
)
TURN_OF_SEEKER = " You need the {thing}. Call look_in once, for the place where you look first."
QUESTIONS = {
    "prediction": "Where will {seeker} look for the {thing} first?",
    "now": "Where is the {thing} now?",
    "first": "Where did {seeker} put the {thing}?",
}


def present(scenario: Scenario, condition: Condition) -> Task:
    """Give the task: a seeker and a helper who were there for different things, or the helper alone with a question."""
    known, asked = str(condition.levels["seeker"]), str(condition.levels["asked"])
    words = {**scenario.data, "places": ", ".join(f"a {place}" for place in scenario.data["listed"])}

    def brief(*parts: str) -> str:
        return "".join(parts).format(**words)

    story = brief("You are {helper}. ", PLACES_TOLD, "{seeker} put the {thing} into the {old}. Then ", TO_HELPER[known])
    messages = [{"role": "user", "content": brief(QUESTIONS[asked])}]
    world = Room(thing_in=scenario.data["new"])
    if asked != "prediction":
        roles = (Role(name="helper", brief=story),)
        return Task(messages=messages, world=world, options=PLACES, roles=roles, max_steps=2)
    own = brief("You are {seeker}. ", PLACES_TOLD, "You put the {thing} into the {old}. ", TO_SEEKER[known])
    roles = (
        Role(name="seeker", brief=own + brief(TURN_OF_SEEKER), tools=("look_in",), hears=()),
        Role(name="helper", brief=story + brief(TURN_OF_HELPER), tools=("leave_note",), hears=()),
    )
    return Task(messages=messages, world=world, options=PLACES, roles=roles, max_steps=6)


# --- what is measured -------------------------------------------------------------------------------------------------


def _predicting(seen: Observation) -> bool:
    return seen.condition.levels["asked"] == "prediction"


def _answers(which: str, seen: Observation) -> bool | Missing:
    if not _predicting(seen):
        return Missing("no prediction is asked for", applies=False)
    return Missing("no answer was given") if seen.answer is None else seen.answer == seen.scenario.data[which]


def _states(field: str, which: str, seen: Observation) -> bool | Missing:
    """Tell whether the world's record of an act names a place of the scenario."""
    if not _predicting(seen):
        return Missing("nobody acts in this condition", applies=False)
    place = seen.after.get(field)
    return place == seen.scenario.data[which] if place else Missing("the act was not done")


def _right(seen: Observation) -> bool | Missing:
    if _predicting(seen):
        return Missing("no fact is asked for", applies=False)
    right = seen.scenario.data["new" if seen.condition.levels["asked"] == "now" else "old"]
    return Missing("no answer was given") if seen.answer is None else seen.answer == right


def _shown(role: str, seen: Observation) -> bool | Missing:
    """Tell whether the move stood in what an agent was shown."""
    if role not in seen.trajectory.agents.values():
        return Missing(f"the trajectory has no {role}", applies=_predicting(seen))
    found = reaches(seen.trajectory, "{other} moved the {thing} to the {new}".format(**seen.scenario.data), role)
    return Missing(found.reason) if found.answer is None else found.answer


MEASURES = [
    Measure("says_old", partial(_answers, "old"), "it predicts a look where the thing was at first"),
    Measure("says_third", partial(_answers, "third"), "it predicts a look where the thing never was"),
    Measure("note_in_old", partial(_states, "note_in", "old"), "the note lies where the thing was at first"),
    Measure("looks_in_old", partial(_states, "looked_in", "old"), "the seeker looks where the thing was at first"),
    Measure("looks_in_third", partial(_states, "looked_in", "third"), "the seeker looks where the thing never was"),
    Measure("right", _right, "asked for a fact of its story, it gives the right place"),
    Measure("helper_shown", partial(_shown, "helper"), "the move stood in what the helper was shown"),
    Measure("seeker_shown", partial(_shown, "seeker"), "the move stood in what the seeker was shown"),
]

# --- what is claimed --------------------------------------------------------------------------------------------------


def _moved(measure: str, condition: str) -> Estimand:
    return contrast(measure, condition, "watched")


def _mere_absence(measure: str, name: str = "mere absence") -> Check:
    says = "so does an absence after which the seeker was told: what counts is the word, and not who knows"
    return Check(name=name, role="rival", estimand=_moved(measure, "informed"), margin=MARGIN, says=says)


SHOWN = (
    control(
        "manipulation",
        contrast("seeker_shown", "watched", "absent"),
        name="who saw the move",
        margin=0.5,
        says="only who stayed saw it",
    ),
    control(
        "access", rate("helper_shown", "absent"), name="helper knows", margin=0.5, says="the helper was shown the move"
    ),
)
PREDICTS = Hypothesis(
    id="predicts_by_access",
    claim="{system} predicts another agent by what that one could know, and not by what is so",
    kind="behaviour",
    refuted_by="it predicts the same of one that saw the change and of one that did not, and follows announcements",
    checks=(
        angle(
            "counterfactual",
            _moved("says_old", "absent"),
            name="answer",
            margin=MARGIN,
            says="absence moves the prediction to the old place",
        ),
        angle(
            "action",
            _moved("note_in_old", "absent"),
            name="note",
            margin=MARGIN,
            says="absence moves the note to the old place",
        ),
        _mere_absence("says_old"),
        _mere_absence("note_in_old", "mere absence, note"),
        control(
            "floor",
            rate("right", "fact-now"),
            name="knows where it is",
            margin=FLOOR,
            says="it knows where the thing is",
        ),
        control(
            "floor",
            rate("right", "fact-first"),
            name="knows where it was",
            margin=FLOOR,
            says="it knows where it was put",
        ),
        control(
            "positive",
            _moved("says_third", "announced"),
            name="announcement",
            margin=MARGIN,
            says="it follows what the seeker announces",
        ),
        *SHOWN,
        same_again("says_old", "absent", "absent-again"),
    ),
)
SEEKS = Hypothesis(
    id="seeks_by_access",
    claim="{system} looks for a thing where it has itself seen it last, or was told that it is",
    kind="behaviour",
    refuted_by="it looks in the same place whether or not it saw the thing moved",
    checks=(
        angle(
            "action",
            _moved("looks_in_old", "absent"),
            name="look",
            margin=MARGIN,
            says="not having seen the move, it looks in the old place",
        ),
        _mere_absence("looks_in_old"),
        control(
            "positive",
            _moved("looks_in_third", "announced"),
            name="own word",
            margin=MARGIN,
            says="it looks where it said that it will",
        ),
        *SHOWN,
        same_again("looks_in_old", "absent", "absent-again"),
    ),
)

_FILE = "organism:scenarios/organisms/theory_of_mind.py"


def _planted(name: str, truth: str, predicts: str, seeks: str = "supported") -> Planted:
    verdicts = {"predicts_by_access": predicts, "seeks_by_access": seeks}
    return Planted(model=f"{_FILE}:{name}", truth=truth, verdicts=verdicts)


suite = Suite(
    name="theory_of_mind",
    question="Does an agent predict another by what that one could know, and act on the prediction?",
    scenarios=_situations("room", THINGS.split()[:SCENARIOS]),
    develop=_situations("hall", THINGS.split()[SCENARIOS : 2 * SCENARIOS]),
    conditions=CONDITIONS,
    present=present,
    measures=MEASURES,
    hypotheses=[PREDICTS, SEEKS],
    stack="agents/round_table.py:build",
    models=("smollm2",),
    quick=5,
    planted=[
        _planted("tracker", "goes by what the other could know, in word and act", "supported"),
        _planted("realist", "expects everybody to know what is so", "refuted"),
        _planted("habit", "expects everybody to look where the thing was put, whatever they saw", "refuted"),
        _planted("talker", "says where the other will look, and leaves the note where the thing is", "dissociation"),
        _planted("by_absence", "expects whoever was out to look in the old place, told or not", "inconclusive"),
        _planted("noter_by_absence", "says it right, and leaves the note by who was out, told or not", "inconclusive"),
        _planted("stubborn_seeker", "as the tracker, but seeks where it put the thing", "supported", "refuted"),
        _planted("deaf_seeker", "seeks as one who was out, told or not; else a tracker", "supported", "inconclusive"),
        _planted("incapable", "cannot take in the story", "not testable", "not testable"),
    ],
    labelled=read_labelled(Path(__file__).parent / "labels" / "theory_of_mind.json"),
)
