"""Keys that stand in the environment of this process are taken out of whatever is written."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping

import orjson

__all__ = ["hider"]

_NAMES = re.compile(r"(KEY|TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIALS)$", re.IGNORECASE)
_SHORTEST = 12  # below that, a value can be an ordinary word


def hider(environment: Mapping[str, str] = os.environ) -> Callable[[bytes], bytes]:
    """Give a function that puts the name of a variable in place of its value in JSON, where the value is a secret.

    A secret has at least 12 characters and a name that ends in KEY, TOKEN, SECRET, PASSWORD, PASSWD or CREDENTIALS.
    """
    named = {
        orjson.dumps(value)[1:-1]: b"[" + name.encode() + b"]"
        for name, value in environment.items()
        if _NAMES.search(name) and len(value) >= _SHORTEST and value.isprintable()
    }
    if not named:
        return lambda line: line
    found = re.compile(b"|".join(re.escape(value) for value in sorted(named, key=len, reverse=True)))
    return lambda line: found.sub(lambda match: named[match[0]], line)
