"""`execute(plan, bench)`: the one place where a run happens."""

from __future__ import annotations

from tracer.execution.execute import Bench, execute, measure
from tracer.execution.plan import RunPlan
from tracer.execution.tools import changes, world_tools

__all__ = ["Bench", "RunPlan", "changes", "execute", "measure", "world_tools"]
