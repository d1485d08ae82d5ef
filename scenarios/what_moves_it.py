"""What moves whether an order gets done as wished: the model, the stack, or the tools that it is given?

Question. A score of an agent is a score of everything at once. Here the same thirty orders are served by every
model in every stack with two sets of tools for the same job: one tool that takes the whole order (`coarse`), or one
tool for each part of it and one to confirm (`fine`). The steps are spelled out for the tools at hand, so that what is
left is doing them.

Design. Tools are a factor of the conditions; models and stacks are factors of the study:

    tracer run scenarios/what_moves_it.py:suite --stack agents/react.py:build --stack ... --model ... --model ...
    tracer attribute --measure solved

`tracer attribute` divides the variance of a measure among model, stack, tools, their interactions, the scenarios and
what differs between runs. A loss is planted as well, the fine tools without the one to confirm, with which nothing can
be placed; what only a control rests on is no part of that division. Soups are for trying things out, drinks count.

What a verdict means. `fine_tools_hurt` supported: for one stack with one model, taking the tool apart loses orders.
Refuted: it loses none, while the planted loss is seen. Inconclusive with *places wrong orders* standing: it gets
through the steps, and mixes them up. The shares are of these models, stacks and tool sets; another stack may be what
mends it.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, Literal, get_args

from tracer import (
    Check,
    Condition,
    Forbidden,
    Hypothesis,
    Measure,
    Observation,
    Planted,
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

__all__ = ["suite"]

Drink = Literal["tea", "coffee", "cocoa", "lemonade", "juice"]
Size = Literal["small", "medium", "large"]
Cup = Literal["glass", "mug"]
Soup = Literal["tomato", "onion", "leek", "lentil", "barley"]
Dish = Literal["bowl", "plate"]
MARGIN = 0.15  # of the orders: a smaller loss is no reason for other tools


class _Orders(World):
    """Takes one order, at once or piece by piece.

    Attributes:
        chosen: The parts that were chosen so far.
        placed: The order that was placed; empty before.
    """

    parts: ClassVar[tuple[str, ...]] = ()
    chosen: dict[str, str]
    placed: dict[str, str]

    def _place(self) -> str:
        if self.placed:
            raise Forbidden("an order has been placed already")
        if len(self.chosen) < len(self.parts):
            raise ValueError(f"{', '.join(p for p in self.parts if p not in self.chosen)} not chosen yet")
        self.placed = self.chosen
        return f"The order is placed: {json.dumps(self.placed)}."

    def _choose(self, part: str, value: str) -> str:
        if self.placed:
            raise Forbidden("an order has been placed already")
        self.chosen = {**self.chosen, part: value}
        return f"The {part} is {value}."


class Counter(_Orders):
    """A counter at which one drink can be ordered."""

    parts = ("drink", "size", "cup")

    @action
    def place_order(self, drink: Drink, size: Size, cup: Cup) -> str:
        """Place the order, all in one."""
        self.chosen = {"drink": drink, "size": size, "cup": cup}
        return self._place()

    @action
    def choose_drink(self, drink: Drink) -> str:
        """Choose the drink."""
        return self._choose("drink", drink)

    @action
    def choose_size(self, size: Size) -> str:
        """Choose the size."""
        return self._choose("size", size)

    @action
    def choose_cup(self, cup: Cup) -> str:
        """Choose what it is served in."""
        return self._choose("cup", cup)

    @action
    def confirm(self) -> str:
        """Place the order that was chosen; this ends it."""
        return self._place()


class Kitchen(_Orders):
    """A kitchen at which one soup can be ordered: what is tried out is tried out here."""

    parts = ("soup", "size", "dish")

    @action
    def place_order(self, soup: Soup, size: Size, dish: Dish) -> str:
        """Place the order, all in one."""
        self.chosen = {"soup": soup, "size": size, "dish": dish}
        return self._place()

    @action
    def choose_soup(self, soup: Soup) -> str:
        """Choose the soup."""
        return self._choose("soup", soup)

    @action
    def choose_size(self, size: Size) -> str:
        """Choose the size."""
        return self._choose("size", size)

    @action
    def choose_dish(self, dish: Dish) -> str:
        """Choose what it is served in."""
        return self._choose("dish", dish)

    @action
    def confirm(self) -> str:
        """Place the order that was chosen; this ends it."""
        return self._place()


def steps(order: dict[str, str], tools: str) -> list[tuple[str, dict[str, Any]]]:
    """Give the acts that place an order with a set of tools."""
    if tools == "coarse":
        return [("place_order", order)]
    return [*((f"choose_{part}", {part: value}) for part, value in order.items()), ("confirm", {})]


def present(scenario: Scenario, condition: Condition) -> Task:
    """Give the order and the steps; the condition says with which tools."""
    order, (tools, *without) = dict(scenario.data["order"]), str(condition.levels["tools"]).split(" but ")
    acts = steps(order, tools)
    lines = [f"{n}. {tool} {json.dumps(given)}" for n, (tool, given) in enumerate(acts, 1)]
    food, size, vessel = order.values()
    dish = food if "drink" in order else f"{food} soup"
    wish = f"A guest would like a {size} {dish} in a {vessel}. Place this order."
    text = "\n".join([wish, "Follow these steps:", *lines])
    world = (Counter if "drink" in order else Kitchen)(chosen={}, placed={})
    offered = tuple(tool for tool, _ in acts if tool not in without)
    return Task(messages=[{"role": "user", "content": text}], world=world, tools=offered, max_steps=8)


def _solved(seen: Observation) -> bool:
    return seen.after["placed"] == seen.scenario.data["order"]


def _wrong(seen: Observation) -> bool:
    return bool(seen.after["placed"]) and not _solved(seen)


MEASURES = [
    Measure("solved", _solved, "the order that was wished for is placed"),
    Measure("placed", lambda seen: bool(seen.after["placed"]), "some order is placed"),
    Measure("wrong", _wrong, "another order than the one wished for is placed"),
    Measure("calls", lambda s: sum(x.kind == "tool" for x in s.trajectory.steps), "tool calls in the run", high=None),
]

FINE_TOOLS_HURT = Hypothesis(
    id="fine_tools_hurt",
    kind="behaviour",
    claim="with a tool for each part instead of one for all, {system} gets fewer orders done as wished",
    refuted_by="the loss is smaller than .15",
    checks=(
        angle(
            "action",
            contrast("solved", "fine", "coarse"),
            name="loss",
            margin=-MARGIN,
            direction="below",
            says="fewer orders are placed as wished with the fine tools",
        ),
        Check(
            name="places wrong orders",
            role="rival",
            estimand=contrast("wrong", "fine", "coarse"),
            margin=MARGIN,
            says="it mixes the orders up, rather than not getting through the steps",
        ),
        control(
            "positive",
            contrast("solved", "coarse", "fine but confirm"),
            name="a tool taken",
            margin=MARGIN,
            says="fewer orders are placed as wished where no order can be placed: such a loss is seen",
        ),
        control("floor", rate("solved", "coarse"), name="can do it", margin=0.3),
        Check(name="same again", role="null", estimand=contrast("solved", "again", "coarse")),
    ),
)


def _orders(start: str, parts: Mapping[str, object]) -> list[Scenario]:
    """Give every order that can be made of the values of the parts."""
    made = itertools.product(*(get_args(values) for values in parts.values()))
    return [
        Scenario(id=f"{start}-{n:02d}", data={"order": dict(zip(parts, order, strict=True))})
        for n, order in enumerate(made)
    ]


suite = Suite(
    name="what_moves_it",
    question="What moves whether an order gets done as wished: the model, the stack, or the tools?",
    scenarios=_orders("order", {"drink": Drink, "size": Size, "cup": Cup}),
    conditions=[
        *(Condition(name=tools, levels={"tools": tools}) for tools in ("coarse", "fine", "fine but confirm")),
        Condition(name="again", levels={"tools": "coarse"}, reseed=True),
    ],
    present=present,
    measures=MEASURES,
    hypotheses=[FINE_TOOLS_HURT],
    models=("organism:by_the_book", "organism:by_the_book?lapse=0.8"),
    replicates=2,
    planted=[
        Planted(
            model="organism:scenarios/organisms/what_moves_it.py:impatient",
            truth="Gives up after two acts, so that it gets through coarse tools and not through fine ones.",
            verdicts={"fine_tools_hurt": "supported"},
        ),
        Planted(
            model="organism:by_the_book",
            truth="Does the steps that it is given, with whatever tools.",
            verdicts={"fine_tools_hurt": "refuted"},
        ),
        Planted(
            model="organism:scenarios/organisms/what_moves_it.py:muddled",
            truth="Gets through all steps, and mixes up the sizes where each part has a tool of its own.",
            verdicts={"fine_tools_hurt": "inconclusive"},
        ),
    ],
    develop=_orders("soup", {"soup": Soup, "size": Size, "dish": Dish}),
    quick=5,
    labelled=read_labelled(Path(__file__).parent / "labels" / "what_moves_it.json"),
)
