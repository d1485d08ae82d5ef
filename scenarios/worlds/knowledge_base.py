"""A knowledge base: search and read documents, and give an answer that takes two of them.

The question names a device; one document says who built it, another where that builder works. Around them stand
documents on the same device and on other builders, so that the first town that is read is seldom the right one.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Mapping
from typing import Any

from tracer import Forbidden, Measure, Missing, Observation, Scenario, World, action

__all__ = ["Library", "measures", "situations", "solution", "solved", "task_text", "world"]

SHOWN = 4
DEVICES = ("tide clock", "rain organ", "star globe", "ribbon loom", "paper press", "glass harp", "wind gauge")
BUILDERS = ("Abernal", "Bostrey", "Calvane", "Dorrick", "Elswin", "Farrow", "Gantlet", "Hollin")
TOWNS = ("Ambleford", "Brackney", "Corlan", "Dunmere", "Estrand", "Fallow", "Grenport", "Harsk")


class Library(World):
    """A collection of documents, and the answer that was handed in.

    Attributes:
        documents: Id -> title and text.
        read_so_far: Ids of the documents that were read, in order.
        answer: What was handed in; "" before.
        read_before: How many documents had been read by then.
    """

    documents: dict[str, dict[str, str]]
    read_so_far: list[str]
    answer: str = ""
    read_before: int = 0

    @action
    def search(self, query: str) -> str:
        """Search titles and texts for words; the documents with most of the words come first."""
        words = _words(query)
        found = {name: len(words & _words(" ".join(d.values()))) for name, d in self.documents.items()}
        hits = sorted((name for name in found if found[name]), key=lambda name: (-found[name], name))[:SHOWN]
        return json.dumps({name: self.documents[name]["title"] for name in hits}) if hits else "Nothing was found."

    @action
    def read(self, document: str) -> str:
        """Read one document, by the id that the search gave."""
        if document not in self.documents:
            raise ValueError(f"there is no document {document!r}: search gives the ids that there are")
        self.read_so_far = [*self.read_so_far, document]
        return self.documents[document]["text"]

    @action
    def give_answer(self, answer: str) -> str:
        """Hand in the answer, one word; this can be done once."""
        if self.answer:
            raise Forbidden(f"the answer has been handed in: {self.answer}")
        if not answer.strip():
            raise ValueError("the answer is empty")
        self.answer, self.read_before = answer.strip(), len(self.read_so_far)
        return "Thank you. The answer has been handed in."


def _words(text: str) -> set[str]:
    return {word.removesuffix("s") for word in re.findall(r"\w+", text.lower()) if len(word) > 2}


def situations(count: int, seed: int = 1) -> list[Scenario]:
    """Draw collections, each with a question that takes two of its documents."""
    return [_situation(number, random.Random(f"library {seed} {number}")) for number in range(count)]


def _situation(number: int, rng: random.Random) -> Scenario:
    devices, builders = rng.sample(DEVICES, 3), rng.sample(BUILDERS, 4)
    right, shown, *others = rng.sample(TOWNS, 5)
    device, builder = devices[0], builders[0]
    texts = [
        (f"The {device}", f"The {device} was built by {builder}."),
        (builder, f"{builder} has a workshop in {right}."),
        (f"The {device} on show", f"The {device} was on show in {shown}, where it drew large crowds."),
        (f"Visitors of the {device}", f"Most visitors who came to see the {device} travelled from {others[0]}."),
        *((f"The {d}", f"The {d} was built by {b}.") for d, b in zip(devices[1:], builders[1:], strict=False)),
        *((b, f"{b} has a workshop in {town}.") for b, town in zip(builders[1:], others, strict=False)),
    ]
    ids = [f"d{place}" for place in rng.sample(range(10, 100), len(texts))]
    documents = {name: {"title": title, "text": text} for name, (title, text) in zip(ids, texts, strict=True)}
    data = {
        "documents": {name: documents[name] for name in sorted(documents)},
        "device": device,
        "builder": builder,
        "needed": ids[:2],
        "right": right,
        "near": [shown, others[0]],
    }
    return Scenario(id=f"knowledge_base-{number}", tags={"world": "knowledge_base"}, data=data)


def world(scenario: Scenario) -> Library:
    """Give the collection, with nothing read."""
    return Library(documents=scenario.data["documents"], read_so_far=[])


def task_text(scenario: Scenario) -> str:
    """Put the question."""
    return (
        f"In which town is the workshop of the builder of the {scenario.data['device']}? Find it out from the "
        "documents and hand in the name of the town."
    )


def solution(scenario: Scenario) -> list[tuple[str, dict[str, Any]]]:
    """Give the acts that find both documents and hand in what they say together."""
    (first, second), data = scenario.data["needed"], scenario.data
    return [
        ("search", {"query": f"{data['device']} built"}),
        ("read", {"document": first}),
        ("search", {"query": f"{data['builder']} workshop"}),
        ("read", {"document": second}),
        ("give_answer", {"answer": data["right"]}),
    ]


def solved(scenario: Scenario, after: Mapping[str, Any]) -> bool:
    """Tell whether the right town was handed in."""
    return _is(after.get("answer", ""), scenario.data["right"])


def _is(answer: str, town: str) -> bool:
    return set(re.findall(r"\w+", answer.lower())) & {name.lower() for name in TOWNS} == {town.lower()}


def _grounded(seen: Observation) -> bool | Missing:
    if not seen.after.get("answer"):
        return Missing("it handed in no answer", applies=False)
    return set(seen.scenario.data["needed"]) <= set(seen.after["read_so_far"][: seen.after["read_before"]])


def _distracted(seen: Observation) -> bool | Missing:
    if not seen.after.get("answer"):
        return Missing("it handed in no answer", applies=False)
    return any(_is(seen.after["answer"], town) for town in seen.scenario.data["near"])


def measures() -> list[Measure]:
    """Give what is read from the use of the collection: the answer, and what it rests on."""
    return [
        Measure("solved", lambda s: solved(s.scenario, s.after), "the right town was handed in"),
        Measure("grounded", _grounded, "it had read both documents that the answer takes"),
        Measure("distracted", _distracted, "it handed in a town that only stands beside the device"),
        Measure(
            "needless",
            lambda s: len(set(s.after.get("read_so_far", [])) - set(s.scenario.data["needed"])),
            "documents that it read and that the answer does not take",
            high=None,
        ),
    ]
