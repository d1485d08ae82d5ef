"""What all commands share: the list of them, and how errors leave the program.

Exit codes:

    0    done
    1    a bug, with its traceback
    2    something you can mend: an address, a suite, an option
    3    the store or its journal cannot be used
    4    a model cannot be used
    5    the study stopped before its end, at a cap that you set
    130  interrupted; the same command goes on from there
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence

import click

from tracer.errors import TracerError

__all__ = ["COMMANDS", "STOPPED_EARLY", "cli", "main"]

STOPPED_EARLY = 5
_INTERRUPTED = 130

COMMANDS = {
    "new": "Write a suite, a stack or a world of your own, that works as it is.",
    "run": "Freeze a suite, run it on stacks and models, and judge its hypotheses.",
    "check": "Look a suite over, and try it on models whose truth is known.",
    "survey": "Put many suites to the same systems, under one budget; one page sums them up.",
    "freeze": "Freeze a suite into a study and print its preregistration.",
    "plan": "Say what a suite would cost and see at several sizes, before it is run.",
    "propose": "Have a model read runs and propose hypotheses, as drafts to be tested.",
    "verdict": "Judge the hypotheses of a study on the runs that it has.",
    "compare": "Compare two studies of one suite, scenario by scenario; pool a replication.",
    "attribute": "Say which part moves a behaviour: model, stack, tools or scenario.",
    "judge": "Ask the judges of a study about runs that have no answer yet, or other judges.",
    "label": "Label runs by hand, to know how often a judge errs.",
    "report": "Write the report of a study, or its evidence bundle.",
    "list": "List the runs of a store, or its studies.",
    "show": "Show one run: its steps, who did them, and what is known of it.",
    "view": "Open the pages: studies and runs.",
    "import": "Import traces and transcripts from elsewhere as runs.",
    "export": "Send runs as OpenTelemetry spans to a file or a collector.",
    "training": "Write a suite's training data in the OpenAI fine-tuning format.",
    "gateway": "Record the model calls of a program that is not to be changed.",
    "mcp": "Serve a run's tools over stdio, for a program that it runs.",
    "calibrate": "Measure how often verdicts are right, on systems whose truth is known.",
    "models": "List models, install the weights of the embedded one, probe an endpoint.",
    "doctor": "Check what is installed, the store and its journal.",
}


class _Commands(click.Group):
    """Loads a command's module when it is asked for, so that `tracer --help` is quick."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command = importlib.import_module(f"tracer.cli.{cmd_name}_command").command
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="prosaic-tracer", prog_name="tracer")
def cli() -> None:
    """What does this agent system want, what does it believe, and how do we know?

    A suite states hypotheses; `tracer run` freezes them into a study, runs the system, records every run as a graph and
    answers with verdicts.
    """


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line; what a user can mend is one message without a traceback.

    Args:
        arguments: The words after `tracer`; default those of the process.
    """
    try:
        code = cli(arguments, standalone_mode=False)
    except TracerError as error:
        click.echo(f"Error: {error}", err=True)
        code = error.exit_code
    except (click.exceptions.Abort, KeyboardInterrupt):
        click.echo("Interrupted; what was recorded is kept, and the same command goes on from there.", err=True)
        code = _INTERRUPTED
    except click.ClickException as error:
        error.show()
        code = error.exit_code
    sys.exit(code if isinstance(code, int) else 0)
