"""Seeds: shared by the conditions of a pair, never across scenarios.

One seed for all items doubles the spread of a pass; other seeds within a pair throw the pairing away.
"""

from __future__ import annotations

import hashlib

__all__ = ["call_seed", "judge_seed", "run_seed"]


def run_seed(study_seed: int, scenario: str, replicate: int, lane: str = "") -> int:
    """Give the seed of a run; `lane` is the condition's name for an A/A lane, whose seeds have to differ."""
    return _hash(study_seed, scenario, replicate, lane)


def call_seed(seed: int, call: int, actor: str = "") -> int:
    """Give the seed of the n-th model call of a run, from 0; an actor beside the system counts its own."""
    return _hash(seed, call, actor) if actor else _hash(seed, call)


def judge_seed(seed: int, condition: str, judge: str, draw: int) -> int:
    """Give the seed of one draw of a judge about a run: other than that of any other run, judge or draw."""
    return _hash(seed, condition, judge, draw)


def _hash(*parts: object) -> int:
    """Give 31 bits: what every endpoint accepts as a seed."""
    digest = hashlib.sha256("\x1f".join(map(str, parts)).encode()).digest()
    return int.from_bytes(digest[:4], "big") >> 1
