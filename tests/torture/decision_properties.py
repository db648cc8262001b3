"""What was said last of a version counts, or who said it was told by name that it does not."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from app.decide.names.resource_names import model_of_resource
from app.decide.notifications import decision_notice

from tests.torture.fakes.resources import STACK
from tests.torture.faults import OVERTAKEN
from tests.torture.reviewers import is_reviewed
from tests.torture.simulated_account import Account

A_FUNCTION_RUNS = timedelta(minutes=6)  # between what it reads and what it then does


def approved_by_themselves(account: Account) -> Iterator[str]:
    """A version that approves itself is of a model that was published so when it did, whenever its run was planned."""
    for arn, at in account.registry.by_themselves.items():
        model = model_of_resource(STACK, arn.split("/")[1]) or ""
        before = [mode for when, mode in account.modes[model] if when <= at - A_FUNCTION_RUNS][-1:]
        meanwhile = [mode for when, mode in account.modes[model] if at - A_FUNCTION_RUNS < when <= at]
        if "automatic" not in (*before, *meanwhile):
            yield f"a version approved itself that needs a yes: {arn}"


def decisions(account: Account) -> Iterator[str]:
    """What was said last of a version counts, in whatever order it was heard.

    A message that was refused does not count, if its sender was told so: what it says is not what the version is. The
    registry knows only when a version changed last, so one that was sent before an edit may be refused for that.
    Where another decided while a message was being followed the registry knows no condition, and the later call counts.
    """
    raced = any(fault.kind == OVERTAKEN and "ReceiveDecision" in fault.where for fault in account.faults.log)
    if raced or any(function == "ReceiveDecisionFunction" for function, _ in account.functions.given_up):
        return
    refused = {notice["id"] for notice in account.functions.notices if notice["kind"] == "decision-refused"}
    for arn, said in account.said.items():
        package = account.registry.packages.get(arn)
        if package is None or is_reviewed(arn) or "automatically" in package.get("ApprovalDescription", ""):
            continue
        counting = [
            word for word in said if not word.message or decision_notice(word.message, word.text, "").id not in refused
        ]
        last, newest = max(counting, default=None), max(said)
        status = package["ModelApprovalStatus"]
        if last and status != last.status:
            yield f"an older word undoes a later one: {arn} is not {last.status}, which was said last"
        if newest != last and status != newest.status and not any(at > newest.at for at in account.edited.get(arn, [])):
            yield f"a word was refused for nothing: {arn} is not {newest.status}, and nothing is newer than that"
