"""`tracer mcp`."""

from __future__ import annotations

import sys
from typing import BinaryIO

import click
import httpx2

__all__ = ["command"]

_HEADERS = {"content-type": "application/json", "accept": "application/json, text/event-stream"}


@click.command("mcp")
@click.argument("url")
def command(url: str) -> None:
    """Serve the tools at URL over stdio, for programs that start their MCP server as a command.

    A run tells its command stack the URL of its tools in TRACER_MCP_URL. What comes in on stdin goes there line by
    line, and what is answered comes out on stdout.
    """
    bridge(url, sys.stdin.buffer, sys.stdout.buffer)


def bridge(url: str, requests: BinaryIO, answers: BinaryIO) -> None:
    """Carry JSON-RPC messages, one a line, to an MCP endpoint over HTTP and its answers back, until `requests` end."""
    with httpx2.Client(timeout=None, trust_env=False) as client:
        for line in requests:
            if not line.strip():
                continue
            answer = client.post(url, content=line, headers=_HEADERS)
            if answer.content.strip():
                answers.write(answer.content.strip() + b"\n")
                answers.flush()
