"""`tracer view`."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys

import click

from tracer.addresses import resolve_file
from tracer.cli.options import STORE
from tracer.errors import MissingExtra
from tracer.store import DEFAULT_PLACE, open_store

__all__ = ["command"]


@click.command("view")
@click.option("--port", type=click.IntRange(1, 65535), default=8501, show_default=True, help="Port on this machine.")
@click.option("--no-browser", is_flag=True, help="Only serve the pages; do not open a browser.")
@STORE
def command(port: int, no_browser: bool, store: str | None) -> int:
    """Open the pages: studies with their verdicts, and single runs. Served to this machine only; Ctrl-C ends it."""
    if importlib.util.find_spec("streamlit") is None:
        raise MissingExtra("tracer view", "dashboard")
    place = store or os.environ.get("TRACER_STORE") or DEFAULT_PLACE
    open_store(store, make=False).close()  # a store that cannot be used is told here, not on the page
    arguments = {
        "server.address": "127.0.0.1",
        "server.port": str(port),
        "server.headless": str(no_browser).lower(),
        "browser.gatherUsageStats": "false",
        "client.toolbarMode": "minimal",
    }
    flags = [word for name, value in arguments.items() for word in (f"--{name}", value)]
    page = str(resolve_file("dashboard/app.py"))
    click.echo(f"Pages of {place}: http://127.0.0.1:{port}  (Ctrl-C ends)")
    environment = {**os.environ, "TRACER_STORE": place}
    try:
        return subprocess.call([sys.executable, "-m", "streamlit", "run", page, *flags], env=environment)
    except KeyboardInterrupt:
        return 0
