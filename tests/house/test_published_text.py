"""Nothing that belongs to one machine, one registry or one person stands in what is published."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

# Written in pieces, so that this file does not hold what it looks for.
REGISTRIES = ["pyp" + "i.org", "python" + "hosted", "npm" + "js", "registry" + ".npm", "deb.deb" + "ian"]
OPTIONS = ["--index" + "-url", "--extra-index" + "-url", "--find" + "-links", "--trusted" + "-host", "PIP_" + "INDEX"]
SECRETS = [
    r"\bsk-[A-Za-z0-9_-]{20}",
    r"\bgh[pousr]_[A-Za-z0-9]{20}",
    r"\bAKIA[0-9A-Z]{16}",
    r"BEGIN [A-Z ]*PRIVATE" + " KEY",
]
# A checkout right below the root, such as /app, is too short a path to look for.
OWN_PLACES = [re.escape(f"{p}/") for p, least in ((ROOT, 3), (Path.home(), 2)) if len(p.parts) >= least]
PLACES = [*OWN_PLACES, "/ho" + r"me/\w+/", "/Us" + r"ers/\w+/"]

FORBIDDEN = {
    "a package registry": [re.escape(name) for name in REGISTRIES],
    "a choice of package index": [re.escape(option) for option in OPTIONS],
    "a secret": SECRETS,
    "a path of this machine": [rf"(?<![\w.~}})]){place}" for place in PLACES],
}


def tracked_texts() -> dict[str, str]:
    """Give the text of every tracked file that is text."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode != 0:
        pytest.skip("not a git checkout: there is no list of what is published")
    texts: dict[str, str] = {}
    for name in filter(None, listed.stdout.split("\0")):
        file = ROOT / name
        if file.is_file() and b"\0" not in (content := file.read_bytes()):
            texts[name] = content.decode("utf-8", errors="replace")
    return texts


def sightings(text: str) -> list[str]:
    """Say what a text holds that must not be published, and where."""
    return [
        f"line {text.count(chr(10), 0, found.start()) + 1}: {what}"
        for what, patterns in FORBIDDEN.items()
        for found in re.finditer("|".join(patterns), text)
    ]


def test_tracked_files_hold_nothing_private() -> None:
    """No tracked file names a registry, an index, a path of this machine or a secret."""
    found = {name: said for name, text in tracked_texts().items() if (said := sightings(text))}
    assert found == {}


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (f"see https://{REGISTRIES[0]}/project/x", "a package registry"),
        (f"pip install {OPTIONS[0]} x", "a choice of package index"),
        ("key = 'sk-" + "a" * 24 + "'", "a secret"),
        ("ok\n/ho" + "me/someone/file.txt", "a path of this machine"),
        ("pip install 'prosaic-tracer[local]' in ~/project, task-1234567890123456789012345", ""),
    ],
)
def test_planted_text_is_seen(text: str, what: str) -> None:
    """Each kind is caught, and harmless text is not."""
    said = sightings(text)
    assert what in said[0] if what else said == []
