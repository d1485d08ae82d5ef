"""`execute(plan, bench)`: the one place where a run happens."""

from __future__ import annotations

from tracer.execution.execute import Bench, execute
from tracer.execution.plan import RunPlan
from tracer.execution.tools import changes, world_tools

__all__ = ["Bench", "RunPlan", "changes", "execute", "world_tools"]
