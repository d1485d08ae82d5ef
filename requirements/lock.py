"""Write the pinned closures beside this file: what `make lock` runs.

Every requirement in pyproject.toml is resolved on each supported Python, the oldest first and the others held to its
answer, so that one list of pins serves all of them. A package that only some Pythons need gets a marker.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
PYTHONS = ("3.11", "3.12", "3.13")
EXTRAS = ("local", "dashboard", "zstd")


def main() -> None:
    """Write runtime.txt (the product, its extras, its build backend) and dev.txt (what the tools add)."""
    project: dict[str, Any] = tomllib.loads((HERE.parent / "pyproject.toml").read_text())
    groups = project["dependency-groups"]
    extras = project["project"]["optional-dependencies"]
    runtime = [*project["project"]["dependencies"], *groups["build"]]
    runtime += [requirement for extra in EXTRAS for requirement in extras[extra]]
    everything = [*runtime, *(r for r in groups["dev"] if isinstance(r, str))]

    pins: dict[str, str] = {}
    needed: dict[str, dict[str, list[str]]] = {"runtime": {}, "dev": {}}
    with tempfile.TemporaryDirectory() as scratch:
        for version in PYTHONS:
            python = _scratch_python(version, Path(scratch))
            # The larger set first: its pins hold the smaller one, never the other way round.
            pins |= (whole := _resolve(python, everything, pins))
            small = _resolve(python, runtime, pins)
            for name in whole:
                needed["runtime" if name in small else "dev"].setdefault(name, []).append(version)
    for closure, versions in needed.items():
        _write(HERE / f"{closure}.txt", pins, versions)


def _scratch_python(version: str, scratch: Path) -> Path:
    folder = scratch / version
    subprocess.run([f"python{version}", "-m", "venv", str(folder)], check=True)
    return folder / "bin" / "python"


def _resolve(python: Path, requirements: Sequence[str], held: Mapping[str, str]) -> dict[str, str]:
    """Give name -> version of everything that `requirements` need, wheels only, with the pins in `held` kept."""
    with tempfile.TemporaryDirectory() as scratch:
        report, constraints = Path(scratch) / "report.json", Path(scratch) / "constraints.txt"
        constraints.write_text("".join(f"{name}=={version}\n" for name, version in held.items()))
        options = ["--dry-run", "--ignore-installed", "--only-binary", ":all:", "--quiet", "--no-input"]
        command = [str(python), "-m", "pip", "install", *options, "--report", str(report), "-c", str(constraints)]
        subprocess.run([*command, *requirements], check=True)
        found = [item["metadata"] for item in json.loads(report.read_text())["install"]]
    return {item["name"].lower().replace("_", "-"): item["version"] for item in found}


def _write(file: Path, pins: Mapping[str, str], needed: Mapping[str, Sequence[str]]) -> None:
    lines = ["# Made by `make lock`; install with `pip install --no-deps -r`."]
    for name, versions in sorted(needed.items()):
        marker = " or ".join(f'python_version == "{v}"' for v in versions) if len(versions) < len(PYTHONS) else ""
        lines.append(f"{name}=={pins[name]}" + (f" ; {marker}" if marker else ""))
    file.write_text("\n".join(lines) + "\n")
    sys.stdout.write(f"{file.name}: {len(lines) - 1} packages\n")


if __name__ == "__main__":
    main()
