"""``retrain cleanup``."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.commands import command
from cli.options import DryRun, Json, Stack
from cli.show.console import NO, confirm, err, print_report, target_of
from cli.stack.target import DEFAULT_STACK

if TYPE_CHECKING:
    from cli.changes import Change
    from cli.stack.stack_resources import Scope


@command(after="cost")
def cleanup(
    everything: Annotated[bool, typer.Option("--all", help="The data bucket and the ledger too.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    dry_run: DryRun = False,
    stack: Stack = DEFAULT_STACK,
    as_json: Json = False,
) -> None:
    """Take away what runs made: endpoints, versions, pipelines.

    With --all `sam delete` then leaves nothing. Exit code 1 when something is left.
    """
    from cli import changes
    from cli.plans import removal
    from cli.stack.stack_resources import resources_of, scope_of

    target = target_of(stack, as_json)
    scope = scope_of(target)
    resources = resources_of(scope, everything=everything)
    plan = removal.plan(resources, removal.rules_of(scope), removal.reconcilers_of(scope), everything=everything)
    if not plan:
        report: dict[str, Any] = {"changes": []} | ({} if dry_run else {"removed": [], "left": []})
        print_report(report, f"nothing of stack '{stack}' is there to remove", as_json)
    elif dry_run:
        print_report({"changes": changes.as_data(plan)}, changes.dry_run_text({stack: plan}, target), as_json)
    else:
        said = f"this is done at {target}, and what is removed is gone for good:\n{changes.render_text(plan)}"
        err.print(said, markup=False, soft_wrap=True)
        if not yes:
            confirm("remove it?", "nothing was removed")
        report = _execute(scope, plan)
        left = "".join(f"\n  {one['kind']} {one['name']}: {one['problem']}" for one in report["left"])
        done = removal.next_step(stack, scope, everything=everything)
        print_report(report, f"still there:{left}" if left else done, as_json)
        if left:
            raise typer.Exit(NO)


def _execute(scope: "Scope", plan: "list[Change]") -> dict[str, Any]:
    """Carry the plan out, and say what is gone as it goes."""
    from cli import changes
    from cli.plans import removal

    done: list[Change] = []
    kept: dict[removal.Remove, str] = {}
    for outcome in removal.execute(scope, plan):
        done += outcome.done
        kept |= outcome.kept
        err.print(changes.render_text(outcome.done), markup=False, soft_wrap=True)
    removed = [{"kind": one.kind, "name": one.name} for one in done if isinstance(one, removal.Remove)]
    left = [{"kind": one.kind, "name": one.name, "problem": problem} for one, problem in kept.items()]
    return {"changes": changes.as_data(done), "removed": removed, "left": left}
