"""`execute(plan, bench)`: the one place where a run happens."""

from __future__ import annotations

from tracer.execution.containment import unblocked
from tracer.execution.execute import Bench, execute, measure, observe, take_judgements, withdraw
from tracer.execution.judges import Panel
from tracer.execution.plan import RunPlan
from tracer.execution.tools import world_tools

__all__ = [
    "Bench",
    "Panel",
    "RunPlan",
    "execute",
    "measure",
    "observe",
    "take_judgements",
    "unblocked",
    "withdraw",
    "world_tools",
]
