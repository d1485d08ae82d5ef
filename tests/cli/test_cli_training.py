"""`tracer training`: a file to fine-tune on, and what cannot be one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest

HEAD = "def turn(role, text):\n    return {'role': role, 'content': text}\n\n"


def test_training_data_are_json_lines_of_conversations(command: Any, here: Path) -> None:
    """Each line is one conversation that ends with the assistant, and the command says how many there are."""
    (here / "mine.py").write_text(
        HEAD + "def training():\n    return [{'messages': [turn('user', 'Who?'), turn('assistant', 'Ida')]}] * 3\n"
    )
    printed = command("training", "mine.py:training", "-o", "facts.jsonl")
    lines = [orjson.loads(line) for line in (here / "facts.jsonl").read_bytes().splitlines()]
    assert (printed.code, printed.out) == (0, "3 conversations -> facts.jsonl\n")
    assert [line["messages"][-1] for line in lines] == [{"role": "assistant", "content": "Ida"}] * 3


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("[]", "mine.py:training gives no training data"),
        ("turn", "mine.py:training fails when it is called without arguments: TypeError: turn() missing 2"),
        ("lambda: 1 / 0", "ZeroDivisionError: division by zero"),
        ("[{'text': 'Ida'}]", "item 0: it has no list of `messages`"),
        ("[{'messages': [turn('user', 'Who?')]}]", "item 0: its last message has to be the assistant's"),
        ("[{'messages': [turn('teacher', 'Who?')]}]", "item 0: every message needs a role"),
    ],
)
def test_what_cannot_be_trained_on_is_refused(command: Any, here: Path, value: str, told: str) -> None:
    """The item that is wrong is named, and no file is written."""
    (here / "mine.py").write_text(f"{HEAD}training = {value}\n")
    printed = command("training", "mine.py:training", "-o", "facts.jsonl")
    assert printed.code == 2
    assert told in " ".join(printed.err.split())
    assert not (here / "facts.jsonl").exists()
