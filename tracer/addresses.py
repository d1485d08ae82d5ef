"""Load objects from files by address, `path/to/file.py:name`.

The folder of a file becomes a package with a private name, so that nothing in it can shadow an installed module
(a folder called `agents` would otherwise hide the OpenAI Agents SDK) while relative imports, caching and
`sys.modules` work as everywhere.
"""

from __future__ import annotations

import hashlib
import importlib
import sys
import traceback
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

from pydantic import ValidationError

from tracer.errors import AddressError, TracerError

__all__ = ["blamed_line", "list_shipped", "load_object", "loaded_files", "refresh", "resolve_file", "shipped_root"]

_PREFIX = "_files_"
_OFFERED = 20  # names of a file that a message lists
_FOLDERS = ("agents", "scenarios", "dashboard")
_BUNDLED = Path(__file__).parent / "_bundled"  # where the wheel puts agents/, scenarios/, dashboard/
_REPOSITORY = Path(__file__).parent.parent
_stamps: dict[str, tuple[int, int]] = {}  # mounted name -> time and size of its file when it was loaded


def shipped_root() -> Path:
    """Give the folder that holds the `agents/`, `scenarios/` and `dashboard/` that come with the product."""
    # An editable install leaves a stale copy in site-packages/tracer/_bundled, but never beside this file.
    return _BUNDLED if _BUNDLED.is_dir() else _REPOSITORY


def load_object(address: str) -> Any:
    """Load the object at `path/to/file.py:name`.

    Relative paths are looked for in the working folder first, then among the files that come with the product.

    Raises:
        AddressError: The address has no name, there is no such file or no such object in it, or the file itself fails
            when it is loaded; the message then names its line.
    """
    path, separator, name = address.rpartition(":")
    if not separator or not path.endswith(".py") or not name.isidentifier():
        raise AddressError(f"{address!r} is not an address: write path/to/file.py:name, e.g. agents/react.py:build")
    module = _import_file(resolve_file(path))
    if not hasattr(module, name):
        raise AddressError(f"{path} defines no {name!r}; it has: {_offered(module)}")
    return getattr(module, name)


def resolve_file(path: str) -> Path:
    """Give the absolute path of a content file.

    Raises:
        AddressError: There is no such file in the working folder or among the shipped files.
    """
    given = Path(path).expanduser()
    candidates = [given] if given.is_absolute() else [Path.cwd() / given, shipped_root() / given]
    for candidate in candidates:
        if candidate.is_file():
            return candidate.resolve()
    if given.is_absolute():
        raise AddressError(f"no file {path!r}: check the path before the colon of the address")
    hint = f"; shipped are: {', '.join(list_shipped(given.parts[0]))}" if set(given.parts[:1]) & {*_FOLDERS} else ""
    raise AddressError(f"no file {path!r} in {Path.cwd()} or among the files that come with tracer{hint}")


def list_shipped(folder: str) -> list[str]:
    """List the shipped content files of one folder, as paths that can be used in an address."""
    root = shipped_root()
    return sorted(p.relative_to(root).as_posix() for p in (root / folder).glob("*.py") if not p.name.startswith("_"))


def loaded_files() -> dict[str, str]:
    """Give every content file loaded so far, directly or by a relative import: mounted name -> file path."""
    mounted = sorted(name for name in sys.modules.copy() if name.startswith(_PREFIX))
    return {name: file for name in mounted if (file := getattr(sys.modules[name], "__file__", None))}


def refresh() -> None:
    """Forget loaded files that have changed since, with everything loaded beside them; the next load reads them anew.

    Called where a study begins, for notebooks and other long-lived processes. Never while one runs: every run of a
    study has to execute the code that was frozen.
    """
    changed = {name.partition(".")[0] for name, file in loaded_files().items() if _stamp(file) != _stamps.get(name)}
    for name in [n for n in sys.modules if n.partition(".")[0] in changed]:
        del sys.modules[name]
        _stamps.pop(name, None)


def _stamp(file: str) -> tuple[int, int] | None:
    try:
        status = Path(file).stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size


def _import_file(file: Path) -> ModuleType:
    root = _root_of(file)
    parts = file.relative_to(root).with_suffix("").parts
    bad = [part for part in parts if not part.isidentifier()]
    if bad:
        raise AddressError(f"{file}: {bad[0]!r} cannot be part of an address; use letters, digits and underscores")
    name = ".".join([_mount(root), *parts])
    module = sys.modules.get(name) or _import_new(name, file)
    if module.__file__ != str(file):
        raise AddressError(f"{file} is hidden by {module.__file__}: rename one of the two")
    return module


def _import_new(name: str, file: Path) -> ModuleType:
    importlib.invalidate_caches()  # a file written a moment ago would else be missed
    try:
        module = importlib.import_module(name)
    except TracerError as error:
        where = blamed_line(error)
        if where and where not in str(error):
            error.args = (f"{where}: {error}",)
        raise
    except Exception as error:  # boundary: what runs here is the user's file, and may raise anything
        where = blamed_line(error) or str(file)
        raise AddressError(f"{where}: {type(error).__name__}: {_told(error)}; mend the file") from error
    for mounted, loaded in loaded_files().items():
        if mounted not in _stamps and (stamp := _stamp(loaded)):
            _stamps[mounted] = stamp
    return module


def blamed_line(error: Exception) -> str:
    """Name the line of a content file that raised an error: the innermost not an installed module's; "" for none."""
    if isinstance(error, SyntaxError) and error.filename:
        return f"{error.filename}, line {error.lineno}"
    for frame, line in reversed(list(traceback.walk_tb(error.__traceback__))):
        if str(frame.f_globals.get("__name__", "")).startswith(_PREFIX):
            return f"{frame.f_code.co_filename}, line {line}"
    return ""


def _told(error: Exception) -> str:
    """Give the message of an error, without the place that is told anyway and without links."""
    if isinstance(error, SyntaxError):
        return error.msg
    if isinstance(error, ValidationError):
        found = [(".".join(map(str, e["loc"])), e["msg"], e["input"]) for e in error.errors(include_url=False)]
        return f"{error.title}: " + "; ".join(f"{at}: {what} (given {value!r})" for at, what, value in found)
    return str(error)


def _offered(module: ModuleType) -> str:
    """Name what a file defines itself, constants last: what it imports is not what an address is meant to be."""
    own = [
        name
        for name, value in vars(module).items()
        if not name.startswith("_")
        and not isinstance(value, ModuleType)
        and type(value).__module__ not in ("typing", "__future__")
        and (getattr(value, "__module__", "") == module.__name__ or not isinstance(value, type | FunctionType))
    ]
    own.sort(key=lambda name: (name.isupper(), name))
    return ", ".join(own[:_OFFERED]) + (", ..." if len(own) > _OFFERED else "")


def _root_of(file: Path) -> Path:
    """Pick the folder to mount: the one that relative imports of the file can reach up to."""
    for root in (Path.cwd().resolve(), shipped_root().resolve()):
        if file.is_relative_to(root) and all(_is_package(root / p) for p in file.relative_to(root).parents[:-1]):
            return root
    return file.parent


def _is_package(folder: Path) -> bool:
    """Tell whether a folder can be imported as such: its name allows it, and no `agents.py` stands before `agents/`."""
    return folder.name.isidentifier() and not folder.with_suffix(".py").exists()


def _mount(root: Path) -> str:
    name = _PREFIX + hashlib.sha256(str(root).encode()).hexdigest()[:8]
    if name not in sys.modules:
        package = ModuleType(name)
        package.__path__ = [str(root)]
        sys.modules[name] = package
    return name
