"""The dashboard as a reader sees it: a real server, and Chromium without a head."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

APP = Path(__file__).parents[2] / "dashboard" / "app.py"
CHROMIUM = Path("/usr/bin/chromium")
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
LIMIT = 30_000  # milliseconds; a shared machine may be slow

pytestmark = pytest.mark.skipif(not CHROMIUM.exists(), reason="there is no Chromium on this machine")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with playwright.sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield opened
        opened.close()


@pytest.fixture
def served(store: Any) -> Iterator[str]:
    """The address of the dashboard on the test's store, served as `streamlit run` does."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", str(APP), "--server.headless", "true"]
    command += ["--server.port", str(port), "--server.address", "127.0.0.1", "--browser.gatherUsageStats", "false"]
    environment = {**os.environ, "TRACER_STORE": store.place}
    server = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    address = f"http://127.0.0.1:{port}"
    try:
        _wait(f"{address}/_stcore/health")
        yield address
    finally:
        server.terminate()
        server.wait(timeout=20)


@pytest.fixture
def open_page(browser: Browser) -> Iterator[Callable[..., Page]]:
    """A function that opens an address in a fresh window and notes what goes wrong in it."""
    contexts: list[Any] = []

    def run(address: str, scheme: str = "light") -> Page:
        context = browser.new_context(viewport={"width": 1280, "height": 800}, color_scheme=scheme)  # pyright: ignore[reportArgumentType]  # light or dark
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(LIMIT)
        page.goto(address)
        return page

    yield run
    for context in contexts:
        context.close()


def test_a_reader_goes_from_verdict_to_message(
    served: str, open_page: Callable[..., Page], study: Any, recorded: Callable[..., str], tmp_path: Path
) -> None:
    """From the list of studies to a verdict's effects, and in a run from its graph to a step and to every message."""
    run = recorded({"parcel": "blue"}, "It is at dock 4.")
    page = open_page(served)
    page.get_by_text("✓ supported").first.wait_for()
    page.get_by_text("PASS · for the claim").wait_for()
    page.screenshot(path=tmp_path / "study.png")
    page.goto(f"{served}/?run={run[:12]}")
    page.locator("g.node", has_text="look_up").click()
    page.get_by_text('"parcel": "blue"').wait_for()
    page.wait_for_url("**step=*")
    page.screenshot(path=tmp_path / "graph.png")
    page.get_by_role("tab", name="Timeline").click()
    page.get_by_text("agent clerk").first.wait_for()
    page.screenshot(path=tmp_path / "timeline.png")
    page.get_by_role("tab", name="Messages").click()
    page.get_by_text("blue is at <b>Dock 4</b>").wait_for()
    page.wait_for_url("**view=Messages*")
    assert page.locator(".t-line b").get_by_text("Dock 4").count() == 0


def test_a_reader_sees_edges_told_and_hidden(
    served: str, open_page: Callable[..., Page], recorded: Callable[..., str]
) -> None:
    """Hovering tells how an edge is known; the legend hides its kind."""
    page = open_page(f"{served}/run?run={recorded({'parcel': 'blue'}, 'At dock 4.')}")
    edge = page.locator("g[data-kind=requests]").first
    edge.locator("path.hit").hover(force=True)
    page.locator(".tip", has_text="known by tool_call_id, confidence 1.00").wait_for()
    page.locator("button[data-kind=requests]").click()
    edge.wait_for(state="hidden")


def test_hostile_content_runs_nowhere(
    served: str, open_page: Callable[..., Page], study: Any, recorded: Callable[..., str], hostile: str
) -> None:
    """What a run says opens no dialog, loads nothing from elsewhere and makes no link, in light and in dark."""
    run = recorded("At dock 4.", question=hostile)
    seen: list[str] = []
    looks = (
        ("light", f"?study={study.study.hash}", "supported"),
        ("dark", f"run?run={run}&view=Messages", "alert(1)"),
    )
    for scheme, path, words in looks:
        page = open_page("about:blank", scheme)
        page.on("dialog", lambda dialog: seen.append(dialog.message))
        page.on("request", lambda request: seen.append(request.url) if "example.org" in request.url else None)
        page.goto(f"{served}/{path}")
        page.get_by_text(words).first.wait_for()
        assert page.locator("a[href*='example.org']").count() == 0
    assert seen == []


def test_a_long_run_is_drawn_whole(served: str, open_page: Callable[..., Page], recorded: Callable[..., str]) -> None:
    """Every step of a run of 100 spans is a node that can be scrolled to and clicked."""
    page = open_page(f"{served}/run?run={recorded(*({'parcel': f'p{n}'} for n in range(48)), 'done')}")
    nodes = page.locator("g.node")
    nodes.first.wait_for()
    assert nodes.count() == 99
    nodes.last.click()
    page.wait_for_url("**step=*")


def _wait(address: str) -> None:
    for _ in range(300):
        try:
            urllib.request.urlopen(address, timeout=5).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise TimeoutError(f"nothing answers at {address}")
