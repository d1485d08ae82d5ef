"""Where completions come from: any OpenAI-compatible endpoint, the embedded SmolLM2, scripted organisms.

Everything that leaves a stack for a model passes one seam at the wire, where calls are seeded, counted, capped,
retried and, for models that cannot call tools, emulated.
"""

from tracer.models.answers import answer_format, read_answer
from tracer.models.capabilities import Capabilities, parse_overrides, probe
from tracer.models.emulation import EMULATED
from tracer.models.endpoint import RetryPolicy
from tracer.models.meter import Meter, Prices, Usage
from tracer.models.opening import open_model
from tracer.models.organisms import Act, Organism, Tool, View, any_act, find_organism, organism_file, text_of
from tracer.models.run import CALL_NUMBER, SEED, TEMPERATURE, Model, RunCalls, RunModel
from tracer.models.smollm2 import fetch_weights, find_weights
from tracer.models.spec import ModelSpec, parse_model
from tracer.models.submission import answer_tool, submitted
from tracer.models.wire import CHAT, Stage, Wire, WireRequest, WireResponse

__all__ = [
    "CALL_NUMBER",
    "CHAT",
    "EMULATED",
    "SEED",
    "TEMPERATURE",
    "Act",
    "Capabilities",
    "Meter",
    "Model",
    "ModelSpec",
    "Organism",
    "Prices",
    "RetryPolicy",
    "RunCalls",
    "RunModel",
    "Stage",
    "Tool",
    "Usage",
    "View",
    "Wire",
    "WireRequest",
    "WireResponse",
    "answer_format",
    "answer_tool",
    "any_act",
    "fetch_weights",
    "find_organism",
    "find_weights",
    "open_model",
    "organism_file",
    "parse_model",
    "parse_overrides",
    "probe",
    "read_answer",
    "submitted",
    "text_of",
]
