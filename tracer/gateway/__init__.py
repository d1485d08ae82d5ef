"""The gateway: outside stacks reach a run's model, tools and trace by loopback addresses, and are recorded there."""

from tracer.gateway.doors import Door, ToolOffer
from tracer.gateway.serve import Addresses, open_door
from tracer.gateway.standalone import serve_gateway

__all__ = ["Addresses", "Door", "ToolOffer", "open_door", "serve_gateway"]
