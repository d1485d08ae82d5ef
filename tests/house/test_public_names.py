"""What can be imported, what it costs, and that nothing of ours gets in another library's way."""

from __future__ import annotations

import ast
import importlib
import json
import subprocess
import sys
from pathlib import Path

import pytest

import tracer

ROOT = Path(__file__).parents[2]
HEAVY = {"langchain_core", "langgraph", "networkx", "numpy", "openai", "pandas", "scipy", "streamlit", "xllamacpp"}
MODULES = [
    ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
    for file in sorted((ROOT / "tracer").rglob("*.py"))
    if "_bundled" not in file.parts and file.name != "__main__.py"
]


def run_python(code: str, folder: Path = ROOT) -> str:
    """Run code in a fresh interpreter of this environment and give what it printed."""
    done = subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def modules_after(code: str) -> set[str]:
    """Give the top-level modules that are loaded after some code ran in a fresh interpreter."""
    printed = run_python(f"{code}\nimport json, sys\nprint(json.dumps(list({{n.split('.')[0] for n in sys.modules}})))")
    return set(json.loads(printed.splitlines()[-1]))


def test_root_offers_exactly_what_it_lists() -> None:
    """The names that type checkers see in the root are the names of `__all__`, and each can be imported."""
    tree = ast.parse((ROOT / "tracer/__init__.py").read_text())
    checked = [node for node in tree.body if isinstance(node, ast.If)]
    imported = [a.name for block in checked for n in block.body if isinstance(n, ast.ImportFrom) for a in n.names]
    assert sorted(imported) == sorted(tracer.__all__)
    assert [name for name in tracer.__all__ if not hasattr(tracer, name)] == []


def test_root_lists_its_names_to_those_who_ask() -> None:
    """Completion in a notebook offers the names before their first use."""
    assert set(json.loads(run_python("import json, tracer; print(json.dumps(dir(tracer)))"))) >= set(tracer.__all__)


def test_unknown_name_is_an_attribute_error() -> None:
    """A mistyped name fails as in any module."""
    with pytest.raises(AttributeError, match="no attribute 'Siute'"):
        _ = tracer.Siute  # type: ignore[attr-defined]  # the mistake is the point


@pytest.mark.parametrize("name", MODULES)
def test_module_lists_what_it_offers(name: str) -> None:
    """Every module says what is public, without doubles, and has it."""
    module = importlib.import_module(name)
    listed = module.__all__
    assert len(set(listed)) == len(listed)
    assert [public for public in listed if not hasattr(module, public)] == []
    assert [public for public in listed if public.startswith("_")] == []


def test_public_objects_explain_themselves() -> None:
    """Everything that the root offers and that can carry a docstring of its own has one."""
    silent = [name for name in tracer.__all__ if not (getattr(tracer, name).__doc__ or "").strip()]
    assert silent == []


def test_importing_the_root_is_light() -> None:
    """`import tracer` loads none of the large libraries; they come with the first name that needs them."""
    assert modules_after("import tracer") & HEAVY == set()


def test_help_is_light() -> None:
    """`tracer --help` answers without loading what only the commands need."""
    code = "from tracer.cli import main\ntry:\n    main(['--help'])\nexcept SystemExit:\n    pass"
    assert modules_after(code) & HEAVY == set()


PROBE = "import agents; assert hasattr(agents, 'Runner'), agents.__file__"


def test_agents_sdk_is_found_from_the_repository_root() -> None:
    """`import agents` next to our agents/ folder gives the installed OpenAI Agents SDK."""
    run_python(PROBE)


@pytest.mark.parametrize(
    "command", [["-m", "pytest"], [str(Path(sys.executable).parent / "pytest")]], ids=["-m", "bin"]
)
def test_agents_sdk_is_found_under_pytest(command: list[str], tmp_path: Path) -> None:
    """Both ways to start pytest in the repository root leave `import agents` to the SDK."""
    test = tmp_path / "test_sdk.py"
    test.write_text(f"def test_sdk():\n    {PROBE}\n")
    options = ["-q", "-p", "no:cacheprovider", "-c", "pyproject.toml", "--rootdir", ".", "-W", "default"]
    done = subprocess.run(
        [sys.executable, *command, *options, str(test)], cwd=ROOT, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stdout
    assert "1 passed" in done.stdout
