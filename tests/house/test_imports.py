"""The import table and the walls of ARCHITECTURE.md, held against every import in the source."""

from __future__ import annotations

import ast
import graphlib
import importlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "tracer"
CONTENT = ("agents", "scenarios", "dashboard")


@dataclass(frozen=True)
class Import:
    """One imported module, and the names taken from it."""

    module: str
    names: tuple[str, ...]
    line: int
    in_function: bool

    @property
    def part(self) -> str:
        """The part of `tracer` that is imported; empty for its root and for other libraries."""
        top, _, rest = self.module.partition(".")
        return rest.partition(".")[0] if top == "tracer" else ""


def table(heading: str) -> list[tuple[list[str], list[str]]]:
    """Give the names in backticks of a table's two columns, row by row; a bare first column gives its text."""
    text = (ROOT / "ARCHITECTURE.md").read_text()
    section = re.split(r"^## ", text.partition(f"\n## {heading}\n")[2], flags=re.MULTILINE)[0]
    rows = [line.strip("| ").split("|") for line in section.splitlines() if line.startswith("|")][2:]
    assert rows, f"ARCHITECTURE.md has no table under '## {heading}'"
    return [(re.findall(r"`(\w+)`", left) or [left.strip()], re.findall(r"`(\w+)`", right)) for left, right in rows]


ROW_OF = {part: int(row) for [row], parts in table("Layers") for part in parts}
WALLS = {library: places for libraries, places in table("Walls") for library in libraries}


def imports(source: str, package: str = "content.folder") -> Iterator[Import]:
    """Give every import of a module in `package`, those inside functions and under `if TYPE_CHECKING` included."""
    tree = ast.parse(source)
    inside = {
        child
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        for child in ast.walk(node)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield from _split(alias.name, (), node.lineno, node in inside)
        elif isinstance(node, ast.ImportFrom):
            base = package.rsplit(".", node.level - 1)[0] if node.level else ""
            module = ".".join(filter(None, [base, node.module]))
            yield from _split(module, tuple(alias.name for alias in node.names), node.lineno, node in inside)


def _split(module: str, names: tuple[str, ...], line: int, in_function: bool) -> Iterator[Import]:
    """Tell `from tracer import stats` (a module is imported) from `from tracer import Suite` (a name is)."""
    submodules = [name for name in names if module.split(".")[0] == "tracer" and _is_module(f"{module}.{name}")]
    for name in submodules:
        yield Import(f"{module}.{name}", (), line, in_function)
    rest = tuple(name for name in names if name not in submodules)
    if rest or not names:
        yield Import(module, rest, line, in_function)


def _is_module(dotted: str) -> bool:
    path = ROOT.joinpath(*dotted.split("."))
    return path.is_dir() or path.with_suffix(".py").is_file()


def part_of(file: Path) -> str:
    """Give the part of `tracer` that a file belongs to; empty for the root's `__init__.py`."""
    parts = file.relative_to(PACKAGE).with_suffix("").parts
    return "" if parts == ("__init__",) else parts[0]


def package_of(file: Path) -> str:
    return ".".join(file.relative_to(ROOT).parent.parts)


def complaints(part: str, source: str, package: str) -> list[str]:
    """Say what a module of one part imports against the table."""
    found: list[str] = []
    for imported in imports(source, package):
        top = imported.module.split(".")[0]
        if top in CONTENT:
            found.append(f"line {imported.line}: content is loaded by address, never imported: {imported.module}")
        if part not in WALLS.get(top, [part]):
            found.append(f"line {imported.line}: {top} stays behind the wall of {WALLS[top]}")
        if top != "tracer":
            continue
        if not imported.part:
            found.append(f"line {imported.line}: inside tracer nothing is imported from its root")
        elif ROW_OF.get(imported.part, -1) > ROW_OF[part]:
            found.append(f"line {imported.line}: {part} imports {imported.part}, which stands in a higher row")
        if imported.in_function:
            found.append(f"line {imported.line}: an import of our own hides in a function")
    return found


def content_complaints(source: str) -> list[str]:
    """Say what a file of agents/, scenarios/ or dashboard/ imports that is not public."""
    found: list[str] = []
    for imported in imports(source):
        if imported.module.split(".")[0] != "tracer":
            continue
        if imported.module.count(".") > 1:
            found.append(f"line {imported.line}: {imported.module} is not public; import tracer or tracer.x")
            continue
        public = importlib.import_module(imported.module).__all__
        found += [
            f"line {imported.line}: {imported.module}.{n} is not public" for n in imported.names if n not in public
        ]
    return found


def modules() -> list[Path]:
    return sorted(file for file in PACKAGE.rglob("*.py") if "_bundled" not in file.parts)


def content_files() -> list[Path]:
    return sorted(file for folder in CONTENT for file in (ROOT / folder).rglob("*.py"))


def test_every_part_has_a_row() -> None:
    """A new part of `tracer` has to choose its place in the table."""
    assert {part_of(file) for file in modules()} - {""} <= set(ROW_OF)


def test_imports_follow_the_table_and_the_walls() -> None:
    """No module imports a higher row, a walled library, the root or content, at the top or inside a function."""
    found = {
        str(f.relative_to(ROOT)): complaints(part_of(f), f.read_text(), package_of(f)) for f in modules() if part_of(f)
    }
    assert {file: said for file, said in found.items() if said} == {}


def test_parts_do_not_import_each_other_in_a_circle() -> None:
    """Within a row as well, the parts can be put in an order in which each needs only earlier ones."""
    graph: dict[str, set[str]] = {part: set() for part in ROW_OF}
    for file in modules():
        if part := part_of(file):
            graph[part] |= {i.part for i in imports(file.read_text(), package_of(file))} - {"", part}
    graphlib.TopologicalSorter(graph).prepare()


def test_content_uses_only_public_names() -> None:
    """What we ship uses no private door: a user's own stack, suite or page can do the same."""
    found = {str(file.relative_to(ROOT)): content_complaints(file.read_text()) for file in content_files()}
    assert {file: said for file, said in found.items() if said} == {}


def test_walls_hold_for_content() -> None:
    """LangGraph stays in agents/, Streamlit in dashboard/, and neither reaches telemetry or database drivers."""
    found = [
        f"{file.relative_to(ROOT)}, line {imported.line}: {imported.module}"
        for file in content_files()
        for imported in imports(file.read_text())
        if (wall := WALLS.get(imported.module.split(".")[0])) and file.relative_to(ROOT).parts[0] not in wall
    ]
    assert found == []


def test_content_folders_are_not_packages() -> None:
    """An `__init__.py` in agents/ would hide the OpenAI Agents SDK from everything run in the repository root."""
    assert [folder for folder in CONTENT if (ROOT / folder / "__init__.py").exists()] == []


@pytest.mark.parametrize(
    ("part", "source", "complaint"),
    [
        ("stats", "from tracer.study import decide", "stats imports study, which stands in a higher row"),
        ("stats", "import tracer.runner.schedule", "stats imports runner"),
        ("stats", "from tracer import runner", "stats imports runner"),
        ("stats", "from ..study import decide", "stats imports study"),
        ("stats", "if TYPE_CHECKING:\n    from tracer.cli import main", "stats imports cli"),
        ("stats", "def f():\n    from tracer.errors import TracerError", "hides in a function"),
        ("stats", "async def f():\n    def g():\n        import tracer.errors", "hides in a function"),
        ("runner", "from tracer import Suite", "nothing is imported from its root"),
        ("runner", "import tracer", "nothing is imported from its root"),
        ("runner", "from agents import react", "never imported"),
        ("study", "def f():\n    from langgraph.graph import StateGraph", "langgraph stays behind the wall"),
        ("store", "import opentelemetry.sdk.trace", "opentelemetry stays behind the wall"),
        ("cli", "import streamlit as st", "streamlit stays behind the wall"),
        ("cli", "from tracer.errors import TracerError\nimport numpy", ""),
        ("recording", "from langchain_core.messages import AIMessage\nfrom tracer.spans.span import Span", ""),
    ],
)
def test_planted_import_is_seen(part: str, source: str, complaint: str) -> None:
    """Each kind of forbidden import is caught, and an allowed one is not."""
    said = complaints(part, source, f"tracer.{part}")
    assert complaint in said[0] if complaint else said == []


@pytest.mark.parametrize(
    ("source", "complaint"),
    [
        ("from tracer.stats.estimate import Estimate", "tracer.stats.estimate is not public"),
        ("import tracer.stats.estimate", "tracer.stats.estimate is not public"),
        ("from tracer.stats import estimate", "tracer.stats.estimate is not public"),
        ("def f():\n    from tracer.addresses import _mount", "tracer.addresses._mount is not public"),
        ("from tracer import Suite\nfrom tracer.contracts import Condition\nfrom ._items import ITEMS", ""),
    ],
)
def test_planted_private_door_is_seen(source: str, complaint: str) -> None:
    """A content file that reaches behind the public names is caught, and an honest one is not."""
    said = content_complaints(source)
    assert complaint in said[0] if complaint else said == []
