"""The `tracer` command: one file a command; loaded only when it is called."""

from __future__ import annotations

from tracer.cli.app import main

__all__ = ["main"]
