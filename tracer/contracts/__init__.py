"""What a stack, a world, a scenario, a suite, a measure and a hypothesis are.

Values and protocols only: nothing here runs a model or reads a store. Content files (`agents/`, `scenarios/`, yours)
are written against these names, which are also importable from `tracer` itself.
"""

from tracer.contracts.claims import (
    Check,
    Control,
    Direction,
    Estimand,
    Family,
    Hypothesis,
    angle,
    contrast,
    control,
    rate,
)
from tracer.contracts.frozen import Level
from tracer.contracts.planted import Labelled, Planted, Said, read_labelled
from tracer.contracts.suites import (
    Condition,
    Judge,
    Measure,
    Missing,
    Observation,
    Scenario,
    Suite,
    Value,
    check_suite,
    matches,
)
from tracer.contracts.tasks import Ask, Kit, Role, Stack, Task, takes_roles
from tracer.contracts.users import Counterpart, User
from tracer.contracts.worlds import Forbidden, World, action

__all__ = [
    "Ask",
    "Check",
    "Condition",
    "Control",
    "Counterpart",
    "Direction",
    "Estimand",
    "Family",
    "Forbidden",
    "Hypothesis",
    "Judge",
    "Kit",
    "Labelled",
    "Level",
    "Measure",
    "Missing",
    "Observation",
    "Planted",
    "Role",
    "Said",
    "Scenario",
    "Stack",
    "Suite",
    "Task",
    "User",
    "Value",
    "World",
    "action",
    "angle",
    "check_suite",
    "contrast",
    "control",
    "matches",
    "rate",
    "read_labelled",
    "takes_roles",
]
