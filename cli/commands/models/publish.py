"""``retrain publish``."""

import typer

from cli.commands import command
from cli.options import DryRun, Json, Models, Parameters, Prices, Stack, parse_parameters
from cli.show.console import NO, err, print_report, target_of
from cli.stack.target import DEFAULT_STACK


@command(after="down")
def publish(
    models: Models = None,
    parameters: Parameters = None,
    prices: Prices = None,
    dry_run: DryRun = False,
    stack: Stack = DEFAULT_STACK,
    as_json: Json = False,
) -> None:
    """Upload a model's code and file, for the next run.

    Its pipelines are created or updated. Of several models those that can be are published; exit code 1 when one was
    not. Quotas that do not suffice are told, with the requests that raise them: a run that needs one ends at once,
    until the model is published again. A table of --prices is published with them, for what runs, mails and pages say.
    """
    from cli import changes, model_files
    from cli.show.cost_report import prices_of
    from cli.stack import publishing, subscribers
    from cli.stack.account import price_table, quotas

    target, overrides = target_of(stack, as_json), parse_parameters(parameters)
    table = prices_of(prices) if prices else None
    chosen = models or model_files.names()
    account = quotas.read_account(target, model_files.load_sound(chosen))
    if dry_run:
        done, failed = publishing.plan_all(target, chosen, overrides, account)
        text = changes.dry_run_text({one["model"]: one["changes"] for one in done}, target)
        text += f"\nprices: {table.origin} would be published" if table else ""
        text += "".join(f"\n{model}: cannot be published: {reason}" for model, reason in failed.items())
    else:
        done, failed = publishing.publish_all(target, chosen, overrides, err.print, account)
        text = publishing.render_text(done, failed) + (price_table.publish(target, table) if table else "")
        for warning in subscribers.warnings(target):
            err.print(warning, style="yellow", markup=False, soft_wrap=True)
    report = [one | {"changes": changes.as_data(one["changes"])} for one in done]
    print_report([*report, *({"model": model, "error": reason} for model, reason in failed.items())], text, as_json)
    if done and (told := account.warning([model_files.load(one["model"]) for one in done])):
        err.print(told, style="yellow", markup=False, highlight=False, soft_wrap=True)
    if failed:
        raise typer.Exit(NO)
