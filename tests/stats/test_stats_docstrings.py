"""The worked examples of the statistics are true."""

import doctest
import importlib
import inspect
import pkgutil

import pytest

import tracer.stats

MODULES = [f"tracer.stats.{found.name}" for found in pkgutil.iter_modules(tracer.stats.__path__)]


@pytest.mark.parametrize("name", MODULES)
def test_examples_give_what_they_print(name: str) -> None:
    """Every example in a docstring prints what stands below it."""
    assert doctest.testmod(importlib.import_module(name)).failed == 0


@pytest.mark.parametrize("name", MODULES)
def test_public_functions_have_an_example(name: str) -> None:
    """Every public function shows one worked example and names its bad input."""
    module = importlib.import_module(name)
    for public in module.__all__:
        thing = getattr(module, public)
        if inspect.isfunction(thing) and name != "tracer.stats.samples":
            assert ">>>" in (thing.__doc__ or ""), public
