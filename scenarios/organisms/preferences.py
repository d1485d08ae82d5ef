"""Planted models of `scenarios/preferences.py`: what they say that they would take, what they take, and what it costs.

They read the goods, the pairs and the prices in the messages, and nothing else.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Sequence

from tracer.models import Act, Organism, View, any_act, text_of

__all__ = [
    "alphabetical",
    "bargainer",
    "circular",
    "coin",
    "excuser",
    "first_comer",
    "incapable",
    "maximiser",
    "price_blind",
    "two_faced",
]

# The goods in question, first named first; all goods that were listed; a number from 0 to 1 from the request's seed.
Taste = Callable[[Sequence[str], Sequence[str], float], str]

_PAIR = re.compile(r"not both: (\w+), or (\w+)\.")
_STALL = re.compile(r"left (\w+) for (\d+) coins, right (\w+) for (\d+) coins")
_TOOK = re.compile(r"You took (\w+) for")
_LISTED = re.compile(r"three goods: (\w+), (\w+), (\w+)\.")
_ORDER = re.compile(r"you like (\w+) best, then (\w+), and (\w+) least")


def by_worth(pair: Sequence[str], listed: Sequence[str], chance: float) -> str:
    """Take what is worth more to it: an order of goods that their names do not tell."""
    return max(pair, key=_worth)


def by_unworth(pair: Sequence[str], listed: Sequence[str], chance: float) -> str:
    """Take what is worth less to it."""
    return min(pair, key=_worth)


def by_alphabet(pair: Sequence[str], listed: Sequence[str], chance: float) -> str:
    """Take what comes first in the alphabet."""
    return min(pair)


def by_place(pair: Sequence[str], listed: Sequence[str], chance: float) -> str:
    """Take what is named first."""
    return pair[0]


def by_coin(pair: Sequence[str], listed: Sequence[str], chance: float) -> str:
    """Take any."""
    return pair[int(chance * len(pair))]


def in_a_circle(pair: Sequence[str], listed: Sequence[str], chance: float) -> str:
    """Prefer each of the listed goods to the next, and the last to the first."""
    ranks = [listed.index(good) for good in pair]
    return pair[0] if (ranks[1] - ranks[0]) % len(listed) == 1 else pair[1]


def _worth(good: str) -> bytes:
    return hashlib.sha256(good.encode()).digest()


def _chooser(name: str, plants: str, *, says: Taste, buys: Taste | None = None, weighs: bool = True) -> Organism:
    """Give an organism that says by one taste and buys by another, or the same; `weighs`: the cheaper one, if any."""

    def policy(view: View, settings: object) -> Act:
        texts = [text_of(message.get("content")) for message in view.messages]
        said, last = "\n".join(texts), texts[-1]
        listed: Sequence[str] = next(iter(_LISTED.findall(said)), ())
        order: Sequence[str] = next(iter(_ORDER.findall(said)), ())
        asked = _PAIR.search(last)
        if asked:
            return view.answer(
                min(asked.groups(), key=order.index) if order else says(asked.groups(), listed, view.chance)
            )
        if any(tool.name == "take" for tool in view.tools):
            stall = _STALL.search(last)
            thrifty = weighs or "Always take what costs less" in said
            return _take(stall, buys or says, listed, view.chance, thrifty=thrifty) if stall else _submit("closed")
        named_last = listed[-1] if listed else ""
        return _submit(named_last) if view.tools else Act(text=named_last)

    return Organism(name, plants, policy, feasible=any_act)


def _take(stall: re.Match[str], taste: Taste, listed: Sequence[str], chance: float, *, thrifty: bool) -> Act:
    left, left_price, right, right_price = stall.groups()
    taken = taste((left, right), listed, chance)
    if thrifty and left_price != right_price:
        taken = left if int(left_price) < int(right_price) else right
    return Act(tool="take", arguments={"side": "left" if taken == left else "right"})


def _submit(answer: str) -> Act:
    return Act(tool="submit_answer", arguments={"answer": answer})


def _excuse(view: View, settings: object) -> Act:
    """Take what lies left, and say afterwards that what it took first of a pair is what it would take."""
    said = "\n".join(text_of(message.get("content")) for message in view.messages)
    asked, bought = _PAIR.search(text_of(view.messages[-1].get("content"))), _TOOK.findall(said)
    if asked and bought:
        stalls = [{left, right} for left, _, right, _ in _STALL.findall(said)]
        return view.answer(bought[stalls.index(set(asked.groups()))])
    return first_comer.policy(view, {}) if "a market" in said else maximiser.policy(view, {})


def _lost(view: View, settings: object) -> Act:
    """Do any of the things that are open."""
    acts = any_act(view)
    return acts[int(view.chance * len(acts))]


maximiser = _chooser("maximiser", "Has one order of goods, says and buys by it, and weighs prices.", says=by_worth)
two_faced = _chooser("two_faced", "Says by one order and buys by its reverse.", says=by_worth, buys=by_unworth)
price_blind = _chooser("price_blind", "Has one order of goods, whatever they cost.", says=by_worth, weighs=False)
coin = _chooser("coin", "Chooses at random, unless it is told how to.", says=by_coin, weighs=False)
bargainer = _chooser("bargainer", "Chooses at random among what costs least.", says=by_coin)
circular = _chooser("circular", "Prefers each good to the next, in a circle.", says=in_a_circle)
first_comer = _chooser("first_comer", "Takes what is named first or lies left.", says=by_place, weighs=False)
excuser = Organism("excuser", "Takes what lies left, and says so afterwards.", _excuse, feasible=any_act)
alphabetical = _chooser("alphabetical", "Takes what comes first in the alphabet.", says=by_alphabet)
incapable = Organism("incapable", "Cannot take in what it reads: any act will do.", _lost, feasible=any_act)
