"""What every test may rely on: no settings of the machine leak in, and slow machines fail no property."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

# Cores are shared with models and other tests, so a time limit per example would fail for reasons that are not ours.
settings.register_profile("house", deadline=None, derandomize=bool(os.environ.get("CI")))
settings.load_profile("house")

_SHARED_DATA = Path(__file__).parents[2] / "shared" / "data"


@pytest.fixture(autouse=True)
def no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """Unset what a developer's shell may hold: stores, keys, endpoints, trace contexts."""
    for name in os.environ:
        if name.startswith(("TRACER_", "OPENAI_", "OTEL_", "LANGCHAIN_", "LANGSMITH_", "TRACEPARENT")):
            monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real traces beside the repository; tests that need it are skipped where it is not."""
    if not _SHARED_DATA.is_dir():
        pytest.skip("the folder ../shared/data with real traces is not on this machine")
    return _SHARED_DATA
