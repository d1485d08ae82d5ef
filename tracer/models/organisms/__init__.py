"""Organisms: scripted models whose goal and belief are known because we planted them.

They speak the OpenAI wire protocol from a loopback port, so that nothing downstream can tell them from a real model,
and they are the ground truth that verdicts are checked against.
"""

from tracer.models.organisms.chance import any_act
from tracer.models.organisms.minds import ORGANISMS, Organism, find_organism, organism_file
from tracer.models.organisms.reading import Act, Goal, Rule, Tool, View, read_request, text_of
from tracer.models.organisms.server import serve_organisms

__all__ = [
    "ORGANISMS",
    "Act",
    "Goal",
    "Organism",
    "Rule",
    "Tool",
    "View",
    "any_act",
    "find_organism",
    "organism_file",
    "read_request",
    "serve_organisms",
    "text_of",
]
