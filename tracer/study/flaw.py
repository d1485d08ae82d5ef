"""A flaw of a suite, and the line of the file where it stands."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeGuard

from tracer.addresses import resolve_file

__all__ = ["Flaw", "located"]

Part = Literal["scenarios", "conditions", "present", "measures", "hypotheses", "develop", "planted", "labelled"]
_PLACES = ("name", "question", "scenarios", "conditions", "present", "measures", "hypotheses")  # of `Suite(...)`

_NAMING = ("Condition", "Measure", "Check", "angle", "control", "rival", "Hypothesis", "Scenario", "Judge")


@dataclass(frozen=True, slots=True)
class Flaw:
    """One thing that is wrong with a suite.

    Attributes:
        place: Where: a scenario, a condition, a check.
        what: What is wrong, and the way out.
        grave: True where no study of the suite could mean anything.
        part: The part of the suite that it is in.
        name: Name of what is wrong, by which its line is found.
    """

    place: str
    what: str
    grave: bool = True
    part: Part = "scenarios"
    name: str = ""


def located(flaw: Flaw, address: str) -> str:
    """Give the file and line of a flaw, e.g. `scenarios/two_hop.py:41`.

    That is the line on which what is wrong is given its name, or else one on which the name is written; where it
    is not written but made by code, the line that hands the part to the suite; and line 1 where neither stands in this
    file.
    """
    path = address.rpartition(":")[0] or address
    tree = ast.parse(resolve_file(path).read_bytes())
    lines = [*_declared(tree, flaw.name), *_written(tree, flaw.name), *_handed_over(tree, flaw.part)]
    return f"{path}:{next(iter(lines), 1)}"


def _declared(tree: ast.AST, name: str) -> Iterator[int]:
    """Find the name among the arguments of a call that names a thing, or among what such calls are made for in turn."""
    for node in ast.walk(tree):
        given: list[ast.expr] = []
        if _declares(node):
            given = [*node.args[:2], *(k.value for k in node.keywords if k.arg in ("name", "id"))]
        elif isinstance(node, ast.GeneratorExp | ast.ListComp) and _declares(node.elt):
            given = [one for made in node.generators for one in getattr(made.iter, "elts", ())]
        yield from (one.lineno for one in given if name and isinstance(one, ast.Constant) and one.value == name)


def _declares(node: ast.AST) -> TypeGuard[ast.Call]:
    return isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] in _NAMING


def _written(tree: ast.AST, name: str) -> Iterator[int]:
    for node in ast.walk(tree):
        if name and isinstance(node, ast.Constant) and node.value == name:
            yield node.lineno


def _handed_over(tree: ast.AST, part: str) -> Iterator[int]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("Suite", "replace"):
            yield from (given.value.lineno for given in node.keywords if given.arg == part)
            at = _PLACES.index(part) if part in _PLACES and node.func.id == "Suite" else len(node.args)
            yield from (given.lineno for given in node.args[at : at + 1])
