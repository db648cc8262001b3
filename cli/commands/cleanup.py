"""``retrain cleanup``."""

import sys
from dataclasses import asdict
from functools import partial
from typing import Annotated

import typer

from cli.commands import command
from cli.errors import UserError
from cli.options import Json, Stack
from cli.show.console import NO, err, print_report, target_of
from cli.stack.target import DEFAULT_STACK


@command(after="report")
def cleanup(
    everything: Annotated[bool, typer.Option("--all", help="The data bucket and the ledger too.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    stack: Stack = DEFAULT_STACK,
    as_json: Json = False,
) -> None:
    """Take away what runs made (endpoint, versions, pipelines); with --all `sam delete` then leaves nothing."""
    from cli.plans import removal
    from cli.stack import stack_resources

    target = target_of(stack, as_json)
    scope = stack_resources.scope_of(target)
    found = removal.leftovers(scope, everything=everything)
    if not found:
        print_report({"removed": [], "left": []}, f"nothing of stack '{stack}' is there to remove", as_json)
        return
    err.print(f"this is removed for good at {target}:\n{removal.words(found)}", markup=False, soft_wrap=True)
    if not yes:
        if not sys.stdin.isatty():
            raise UserError("nothing was removed: input is not a terminal, so confirm with --yes")
        typer.confirm("remove it?", abort=True, err=True)
    tell = partial(err.print, markup=False, soft_wrap=True)
    left = removal.remove(scope, found, tell, everything=everything)
    report = {"removed": [asdict(one) for one in found if one.name not in {two.name for two in left}], "left": left}
    done = removal.next_step(stack, scope, everything=everything)
    print_report(report, f"still there:\n{removal.words(left)}" if left else done, as_json)
    if left:
        raise typer.Exit(NO)
