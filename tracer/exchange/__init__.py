"""What crosses the border: exporters to files and collectors, importers of other formats."""

from __future__ import annotations

from tracer.exchange.export import Shipped, export_runs
from tracer.exchange.importing import import_runs
from tracer.exchange.reading import ImportOptions, read_runs, read_spans
from tracer.exchange.recipe import Recipe, load_recipe
from tracer.exchange.report import ImportReport
from tracer.exchange.transcripts import ImportedRun

__all__ = [
    "ImportOptions",
    "ImportReport",
    "ImportedRun",
    "Recipe",
    "Shipped",
    "export_runs",
    "import_runs",
    "load_recipe",
    "read_runs",
    "read_spans",
]
