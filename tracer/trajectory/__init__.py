"""Spans -> steps and typed edges: the graph of one run, and how much of it is known."""

from __future__ import annotations
