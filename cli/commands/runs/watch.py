"""``retrain watch``."""

from typing import Annotated

import typer

from cli import completion
from cli.commands import command
from cli.options import Json, Stack
from cli.show.console import NO, err, out, print_report, target_of
from cli.stack.target import DEFAULT_STACK


@command(after="status")
def watch(
    what: Annotated[
        str | None,
        typer.Argument(
            help="A model, run or execution ARN; else the newest run.", autocompletion=completion.models_and_runs
        ),
    ] = None,
    deadline_s: Annotated[float, typer.Option("--deadline", help="Give up after so many seconds.")] = 86400.0,
    until_approval: Annotated[bool, typer.Option("--until-approval", help="Stop when a person is asked.")] = False,
    stack: Stack = DEFAULT_STACK,
    as_json: Json = False,
) -> None:
    """Follow a run and its pipeline's graph until it ends. Exit code 1 when it failed."""
    from app.decide.names.statuses import RunStatus

    from cli.show import follow, graph, progress, status_report

    target = target_of(stack, as_json)
    changes = follow.changes(target, what, deadline_s, until_approval=until_approval)
    last = progress.show(err if as_json else out, changes)
    if last.graph and not as_json:
        out.print(graph.draw(last.open_graph, last.nodes, out.width))
    report = status_report.of_run(target, last.run) | {"steps": graph.report(last.graph, last.nodes)}
    print_report(report, status_report.end_text(last.run), as_json)
    if last.run.status == RunStatus.FAILED:
        raise typer.Exit(NO)
