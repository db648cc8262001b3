"""Notifications: their plain text for people, and their attributes for machines. Pure: nothing is sent here."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from app.decide.messages import RunEnded
from app.decide.names.hashes import digest
from app.decide.names.statuses import RunStatus
from app.decide.names.times import duration_text
from app.decide.run_plans import Refusal


class Notice(NamedTuple):
    """A notification: plain text for people, attributes for machines."""

    subject: str
    text: str
    attributes: dict[str, str]

    @property
    def id(self) -> str:
        """The same for the same news, so that subscribers can drop a second delivery."""
        return self.attributes["id"]


def _notice(kind: str, subject: str, lines: list[str], facts: dict[str, str], *identity: str) -> Notice:
    attributes = {"id": digest(kind, *identity)[:32], "kind": kind, **facts}
    return Notice(subject, "\n".join(lines) + "\n", attributes)


def refusal_notice(refused: Refusal) -> Notice:
    """An upload was put into quarantine."""
    document = refused.document
    lines = [document["message"], "", f"The file was moved to {refused.target_key}. Nothing else was disturbed."]
    subject = f"{refused.model}: upload refused"
    return _notice("refused", subject, lines, {"model": refused.model}, refused.target_key, document["version_id"])


def metric_text(value: Any) -> str:
    """A metric for people."""
    return "-" if value is None else f"{value:.4f}" if isinstance(value, float) else str(value)


def comparison_lines(verdict: dict[str, Any]) -> list[str]:
    """The metrics of a version, beside those of the champion on the same held-out rows where there is one."""
    metrics, champion = verdict.get("metrics", {}), verdict.get("champion", {})
    width = max((len(name) for name in metrics), default=0)
    if "differences" not in champion:
        alone = [f"  {name:<{width}}  {metric_text(value)}" for name, value in metrics.items()]
        reason = champion.get("reason")
        return alone + (["", f"It was not compared with version {champion['version']}: {reason}"] if reason else [])
    lines = [f"  {'':<{width}}  {'this':>10}  {'version ' + str(champion['version']):>10}  difference (95% interval)"]
    for name, value in metrics.items():
        difference = champion["differences"].get(name, {})
        line = f"  {name:<{width}}  {metric_text(value):>10}  {metric_text(difference.get('champion')):>10}  "
        if difference.get("low") is not None:
            line += f"{difference['difference']:+.4g} ({difference['low']:+.4g} to {difference['high']:+.4g})"
            line += {"challenger": ", better", "champion": ", worse"}.get(difference["better"], "")
        lines.append(line)
    rows = champion.get("interval", {}).get("of", 0)
    lines += ["", f"Both on the same {rows} held-out rows; what is not called better or worse may be chance."]
    return lines + ([f"Beware: {champion['warning']}."] if champion.get("warning") else [])


def approval_notice(
    model: str,
    run: str,
    version: int,
    arn: str,
    verdict: dict[str, Any],
    deadline_s: int,
    warnings: Sequence[dict[str, str]] = (),
) -> Notice:
    """A version waits for approval. ``warnings`` are the data checks' findings."""
    warned = [f"  column '{warning['column']}': {_expectation(warning)}" for warning in warnings]
    lines = [
        f"Version {version} of {model} passed its gate and waits for your decision.",
        "",
        *comparison_lines(verdict),
        *(["", "The new data gives warnings:", *warned] if warned else []),
        "",
        f"The whole report: retrain report {model} {version} --open",
        "",
        "To approve:",
        f"  retrain approve {model} {version} --reason '…'",
        "or with the AWS CLI:",
        f"  aws sagemaker update-model-package --model-package-arn {arn} --model-approval-status Approved",
        "",
        f"To reject: retrain reject {model} {version} --reason '…'",
        f"Without a decision within {duration_text(deadline_s)} the request expires. Run: {run}",
    ]
    facts = {"model": model, "run": run, "version": str(version), "package_arn": arn}
    return _notice("approval", f"{model} version {version}: please decide", lines, facts, run, str(version))


def _expectation(warning: dict[str, str]) -> str:
    return f"expected {warning['expected']}, found {warning['found']}"


def scoring_notice(scoring: str, name: str, status: str, reasons: Sequence[str], rows: int, key: str) -> Notice:
    """The scoring of a file ended."""
    scored = f"{name} was scored: {rows} rows in, {rows} answers out, in {key}"
    first = scored if status == "Scored" else f"{name} was not scored: {status.lower()}"
    lines = [first, *([""] if reasons else []), *(f"  {reason}" for reason in reasons)]
    return _notice("scoring", f"{name}: {status.lower()}", lines, {"status": status}, scoring, status)


def still_serving_notice(model: str, version: int, sequence: int) -> Notice:
    """The live version was rejected and serves on, as no other is approved; ``sequence`` is the decision's number."""
    lines = [
        f"Version {version} of {model} was rejected and serves all the same: no other version is approved.",
        "",
        f"Approve another one (retrain status {model} lists them), or take away what serves:",
        "  an endpoint: aws sagemaker delete-endpoint; files: do not put them to scoring/ until then.",
    ]
    return _notice(
        "kept", f"{model} version {version}: rejected, and still serving", lines,
        {"model": model, "version": str(version)}, model, str(version), str(sequence),
    )  # fmt: skip


def taken_away_notice(model: str, config: str) -> Notice:
    """An endpoint whose version failed was deleted, as nothing served before it."""
    lines = [
        f"The endpoint of {model} was deleted: its version failed, and no version that was verified is there to serve.",
        "",
        f"Until another version is approved {model} answers nothing (retrain status {model} says what failed).",
    ]
    subject = f"{model}: the endpoint was taken out of use"
    return _notice("taken_away", subject, lines, {"model": model, "config": config}, model, config)


def decision_notice(text: str, why: str) -> Notice:
    """A message of the decision topic could not be followed."""
    form = '{"model": "churn", "version": 3, "decision": "approve", "reason": "…", "by": "…"}'
    lines = [
        f"A message on the decision topic was not followed: {why}",
        "",
        f"  {text[:500]}",
        "",
        f"Its form is {form}",
    ]
    return _notice("decision-refused", "decision not followed", lines, {}, text)


ENDINGS = {
    RunStatus.DEPLOYED: "serves now; its predictions equal those of the evaluation",
    RunStatus.REJECTED_BY_GATE: "did not pass its gate; nothing was registered, and what serves is as it was",
    RunStatus.REJECTED_BY_REVIEWER: "was rejected by its reviewer; what serves is as it was",
    RunStatus.APPROVAL_EXPIRED: "was not approved in time. You can still approve it; it is then deployed",
    RunStatus.SUPERSEDED: "was superseded by a newer version",
    RunStatus.NO_USABLE_DATA: "had no usable data",
    RunStatus.FAILED: "failed; what served before serves still unless it says so below",
}


DEPLOYED_IN_BATCH = "scores files now, in batches; its predictions in a first one equal those of the evaluation"


def end_notice(end: RunEnded) -> Notice:
    """A run ended."""
    in_batch = end.batch and end.status is RunStatus.DEPLOYED
    ending = DEPLOYED_IN_BATCH if in_batch else ENDINGS.get(end.status, "ended")
    lines = [f"The run {end.run} {ending}.", *([""] if end.reasons else []), *(f"  {reason}" for reason in end.reasons)]
    lines += ["", f"To score a file: retrain score {end.model} FILE.csv"] if in_batch else []
    if end.leftover:
        lines += [
            "",
            f"Endpoint {end.leftover} answers with an older version, and costs. If nobody asks it any more:",
            f"  aws sagemaker delete-endpoint --endpoint-name {end.leftover}",
        ]
    lines += ["", f"More: retrain status {end.model}"]
    facts = {"model": end.model, "run": end.run, "status": str(end.status)}
    return _notice("ended", f"{end.model}: {end.status}", lines, facts, end.execution, str(end.status))
