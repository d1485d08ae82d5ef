"""The wheel that a user installs, and the pinned closures that the make targets install."""

from __future__ import annotations

import importlib.metadata
import re
import subprocess
import sys
import sysconfig
import tomllib
import venv
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from email.parser import Parser
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
CONTENT = ("agents", "scenarios", "dashboard")
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout, built without a network."""
    folder = tmp_path_factory.mktemp("wheel")
    options = ["--quiet", "--no-deps", "--no-index", "--no-build-isolation", "--wheel-dir", str(folder)]
    done = subprocess.run(
        [sys.executable, "-m", "pip", "wheel", *options, str(ROOT)], capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr
    return next(folder.glob("*.whl"))


@dataclass(frozen=True)
class Installed:
    """An environment with the wheel and this environment's libraries, but without the checkout."""

    python: Path
    library: Path
    folder: Path

    def run(self, *arguments: str) -> str:
        """Run the environment's Python in an empty folder and give what it printed."""
        # On PYTHONPATH our own site-packages offers its libraries, while its link to the checkout is not followed.
        path = f"{self.library}:{sysconfig.get_path('purelib')}"
        done = subprocess.run(
            [str(self.python), *arguments],
            cwd=self.folder,
            env={"PYTHONPATH": path, "PATH": "/usr/bin:/bin", "HOME": str(self.folder)},
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """The wheel, installed and worked with from an empty folder."""
    scratch = tmp_path_factory.mktemp("installed")
    options = ["--quiet", "--no-deps", "--no-index", "--target", str(scratch / "library")]
    subprocess.run([sys.executable, "-m", "pip", "install", *options, str(wheel)], check=True, timeout=300)
    venv.create(scratch / "env", with_pip=False)
    (scratch / "work").mkdir()
    return Installed(scratch / "env/bin/python", scratch / "library", scratch / "work")


def test_wheel_carries_every_content_file(wheel: Path) -> None:
    """The shipped stacks, suites and pages travel inside the package, with the data beside them."""
    listed = subprocess.run(["git", "ls-files", "--", *CONTENT], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode != 0:
        pytest.skip("not a git checkout: there is no list of the tracked content files")
    names = set(zipfile.ZipFile(wheel).namelist())
    assert listed.stdout.split()
    assert [file for file in listed.stdout.split() if f"tracer/_bundled/{file}" not in names] == []


def test_wheel_installs_one_package_only(wheel: Path) -> None:
    """Nothing but `tracer` lands in site-packages: a top-level `agents` would overwrite the OpenAI Agents SDK."""
    tops = {name.split("/")[0] for name in zipfile.ZipFile(wheel).namelist()}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"tracer"}


def test_wheel_is_typed_and_licensed(wheel: Path) -> None:
    """Type checkers use our annotations, and the licence travels along."""
    names = zipfile.ZipFile(wheel).namelist()
    assert "tracer/py.typed" in names
    assert [name for name in names if name.endswith("/licenses/LICENSE")]


def test_wheel_names_its_extras_and_its_command(wheel: Path) -> None:
    """Plain pip finds the extras, the supported Pythons and the `tracer` command."""
    archive = zipfile.ZipFile(wheel)
    [metadata] = [name for name in archive.namelist() if name.endswith(".dist-info/METADATA")]
    said = Parser().parsestr(archive.read(metadata).decode())
    assert set(said.get_all("Provides-Extra", [])) >= {"local", "dashboard"}
    assert said["Requires-Python"] == "<3.14,>=3.11"
    [entries] = [name for name in archive.namelist() if name.endswith(".dist-info/entry_points.txt")]
    assert "tracer = tracer.cli:main" in archive.read(entries).decode()


def test_installed_wheel_loads_its_own_content(installed: Installed) -> None:
    """`agents/react.py:build` works from any folder, and comes from the wheel, not from a checkout."""
    code = (
        "from tracer.addresses import load_object, list_shipped\n"
        "build = load_object('agents/react.py:build')\n"
        "[load_object(f'{path}:suite') for path in list_shipped('scenarios')]\n"
        "print(build.__code__.co_filename)"
    )
    assert installed.run("-c", code) == str((installed.library / "tracer/_bundled/agents/react.py").resolve())


def test_installed_wheel_leaves_the_agents_sdk_alone(installed: Installed) -> None:
    """`import agents` beside the installed wheel gives the OpenAI Agents SDK."""
    installed.run("-c", "import tracer, agents; assert hasattr(agents, 'Runner'), agents.__file__")


# --- the pinned closures ----------------------------------------------------------------------------------------------


def pins(name: str) -> dict[str, Requirement]:
    lines = (ROOT / "requirements" / name).read_text().splitlines()
    wanted = [Requirement(line) for line in lines if not line.startswith("#")]
    return {canonicalize_name(requirement.name): requirement for requirement in wanted}


def declared(*groups: str) -> list[Requirement]:
    """Give what pyproject.toml asks for: the product with its pinned extras, and some dependency groups."""
    project = PROJECT["project"]
    extras = project["optional-dependencies"].items()
    texts = [*project["dependencies"], *(r for name, extra in extras for r in extra if name != "inspect")]
    texts += [r for group in groups for r in PROJECT["dependency-groups"][group] if isinstance(r, str)]
    return [Requirement(text) for text in texts]


def needs(requirement: Requirement) -> Iterator[Requirement]:
    """Give what an installed package asks for in this environment."""
    for text in importlib.metadata.requires(requirement.name) or []:
        child = Requirement(text)
        extras = ["", *requirement.extras]
        if child.marker is None or any(child.marker.evaluate({"extra": extra}) for extra in extras):
            yield child


@pytest.mark.parametrize("name", ["runtime.txt", "dev.txt"])
def test_closure_holds_plain_pins(name: str) -> None:
    """A closure is `name==version`, with a marker at most: no address, no hash, no option."""
    shape = re.compile(r'#.*|[a-z0-9._-]+==[\w.!+]+( ; python_version == "3\.\d+"( or python_version == "3\.\d+")*)?')
    lines = (ROOT / "requirements" / name).read_text().splitlines()
    assert [line for line in lines if not shape.fullmatch(line)] == []


@pytest.mark.parametrize(
    ("files", "groups"), [(["runtime.txt"], ["build"]), (["runtime.txt", "dev.txt"], ["build", "dev"])]
)
def test_closure_is_complete(files: list[str], groups: list[str]) -> None:
    """Whatever is asked for, directly or by another package, is pinned to a version that will do (else: make lock)."""
    pinned = {package: pin for file in files for package, pin in pins(file).items()}
    asked, seen, wrong = declared(*groups), set[str](), set[str]()
    while asked:
        requirement = asked.pop()
        pin = pinned.get(canonicalize_name(requirement.name))
        if pin is None or not requirement.specifier.contains(str(pin.specifier).removeprefix("=="), prereleases=True):
            wrong.add(f"{requirement} is not met by {pin}")
        elif str(requirement) not in seen:
            seen.add(str(requirement))
            asked += needs(requirement)
    assert wrong == set()
