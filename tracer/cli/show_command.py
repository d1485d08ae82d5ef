"""`tracer show`."""

from __future__ import annotations

import contextlib
from typing import Any

import click
import orjson
from rich.text import Text
from rich.tree import Tree

from tracer.cli.options import AS_JSON, STORE
from tracer.cli.terminal import CONSOLE, counted
from tracer.spans.names import EdgeKind, StepKind
from tracer.store import RunRow, open_store
from tracer.trajectory import Step, Trajectory, build_trajectory, summary

__all__ = ["command"]

_STYLES = {
    StepKind.MODEL: "cyan",
    StepKind.TOOL: "green",
    StepKind.AGENT: "bold",
    StepKind.WORKFLOW: "bold",
    StepKind.HANDOFF: "magenta",
    StepKind.PROBE: "dim cyan",
}


@click.command("show")
@click.argument("run")
@click.option("--messages", is_flag=True, help="Print every message, argument and result in full.")
@STORE
@AS_JSON
def command(run: str, messages: bool, store: str | None, as_json: bool) -> None:
    """Show RUN (an id, or its beginning): its steps, who did them, and what is known of it."""
    with contextlib.closing(open_store(store)) as opened:
        row = opened.run(run)
        trajectory = build_trajectory(opened.spans(row.id), id=row.id)
    if as_json:
        told = {"run": row.to_dict(), **summary(trajectory)}
        click.echo(orjson.dumps(told, option=orjson.OPT_INDENT_2, default=str))
        return
    CONSOLE.print(_head(row))
    CONSOLE.print(_tree(trajectory, row.id, messages))
    if row.asked:
        CONSOLE.print(Text("asked afterwards:", style="dim"))
        for name, answer in row.asked.items():
            CONSOLE.print(Text(f"  {name}: {answer}"))


def _head(row: RunRow) -> Text:
    facts = [row.scenario or row.suite, row.condition, row.stack, row.model]
    head = Text(" · ".join(fact for fact in facts if fact), style="bold")
    ended = f"\n{row.status}" + (f": {row.reason}" if row.reason else "")
    head.append(ended, style="green" if row.status == "completed" else "yellow")
    if row.answer is not None:
        head.append(f"   answer: {row.answer}")
    if row.usage:
        usage = row.usage
        used = f"{counted(usage['calls'], 'call')}, {usage['input_tokens']} tokens in, {usage['output_tokens']} out"
        head.append(f"\n{used}", style="dim")
    return head


def _tree(trajectory: Trajectory, run: str, messages: bool) -> Tree:
    root = Tree(Text(f"run {run[:12]}", style="dim"), guide_style="dim")
    parents = {edge.target: edge.source for edge in trajectory.edges if edge.kind == EdgeKind.CONTAINS}
    shown: dict[str, Tree] = {}
    for step in trajectory.steps:
        above = shown.get(parents.get(step.id, ""), root)
        shown[step.id] = above.add(_line(step))
        if messages:
            for text in _full(step):
                shown[step.id].add(Text(text))
    return root


def _line(step: Step) -> Text:
    line = Text(f"{step.kind.value} ", style=_STYLES.get(step.kind, ""))
    line.append(step.name)
    told = _short(step)
    if told:
        line.append(f"  {told}", style="dim")
    if step.status != "ok":
        line.append(f"  {step.status}" + (f": {step.error[:60]}" if step.error else ""), style="yellow")
    return line


def _short(step: Step) -> str:
    if step.kind == StepKind.TOOL:
        return f"{_text(step.data.get('arguments'))} -> {_text(step.data.get('result'))}"[:96]
    said = [m.content or ", ".join(f"{c.name}({_text(c.arguments)})" for c in m.tool_calls) for m in step.output]
    return " ".join(said).replace("\n", " ")[:96]


def _full(step: Step) -> list[str]:
    if step.kind == StepKind.TOOL:
        return [f"arguments: {_text(step.data.get('arguments'))}", f"result: {_text(step.data.get('result'))}"]
    lines = [f"> {m.role}: {m.content or _calls(m)}" for m in step.input]
    return lines + [f"< {m.role}: {m.content or _calls(m)}" for m in step.output]


def _calls(message: Any) -> str:
    return ", ".join(f"{call.name}({_text(call.arguments)})" for call in message.tool_calls)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else orjson.dumps(value, default=str).decode()
