"""Invented people and things that nobody can have read of: names drawn by seeded code, none of them twice."""

from __future__ import annotations

import itertools
import random

__all__ = ["people", "things", "towns"]

_FIRST = """
Adria Bram Celso Dara Edvin Fenna Goran Halina Ilse Joren Kaisa Levan Mirela Nils Orsa Pavel Quirin Runa Sorin Tilda Ugo
Vesna Wim Xenia Yorick Zelda
"""
_LAST = """
Almqvist Barrow Corvin Dunmore Ekholm Farrant Gellert Hollis Ivarson Jarrow Kestrel Lindqvar Marlowe Nordin Okafer
Penhale Quill Rostan Selwyn Tarrant Ulverton Vantor Wexley Yarrow Zeller
"""
_QUALITY = """
Amber Bitter Crimson Distant Empty Fallen Golden Hidden Ivory Jagged Kindled Lonely Marble Narrow Open Painted Quiet
Restless Silver Tangled Velvet Winter Yellow Misty Broken Frozen
"""
_THING = """
Archway Bridge Candle Desert Engine Feather Garden Harbour Island Jungle Kettle Lantern Mirror Needle Orchard Pebble
Quarry River Stairway Tower Valley Window Blanket Compass Ladder
"""
_PLACE = """
Alder Birch Cedar Dove Ember Fern Grave Hazel Iron Juniper Kings Larch Maple North Otter Pine Raven Stone Thorn Willow
"""
_ENDING = """
bury castle dale field ford gate ham haven hurst leigh mere moor mouth port stead ton vale wick worth bridge
"""


def people(seed: str) -> list[str]:
    """Give all invented people, first and last name, in an order that follows from the seed."""
    return _mixed(f"people {seed}", _FIRST, _LAST)


def things(seed: str) -> list[str]:
    """Give all invented things, such as works of art, in an order that follows from the seed."""
    return _mixed(f"things {seed}", _QUALITY, _THING)


def towns(seed: str) -> list[str]:
    """Give all invented towns, one word each, in an order that follows from the seed."""
    return [name.replace(" ", "") for name in _mixed(f"towns {seed}", _PLACE, _ENDING)]


def _mixed(seed: str, *parts: str) -> list[str]:
    found = [" ".join(words) for words in itertools.product(*map(str.split, parts))]
    random.Random(seed).shuffle(found)
    return found
