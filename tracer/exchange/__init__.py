"""What crosses the border: exporters to files and collectors, importers of other formats."""

from __future__ import annotations

from tracer.exchange.export import Shipped, export_runs

__all__ = ["Shipped", "export_runs"]
