"""Notifications: their plain text for people, and their attributes for machines. Pure: nothing is sent here."""

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any, NamedTuple, ParamSpec

from app.decide.messages import RunEnded
from app.decide.names.hashes import digest
from app.decide.names.statuses import RunStatus
from app.decide.names.times import duration_text
from app.decide.run_plans import Refusal

P = ParamSpec("P")


class Notice(NamedTuple):
    """A notification: plain text for people, attributes for machines."""

    subject: str
    text: str
    attributes: dict[str, str]

    @property
    def id(self) -> str:
        """The same for the same news, so that subscribers can drop a second delivery."""
        return self.attributes["id"]


class Draft(NamedTuple):
    """A notice before its kind is known."""

    subject: str
    lines: list[str]
    attributes: dict[str, str]
    identity: tuple[str, ...]  # equal for equal news of one kind


NOTICES: dict[str, Callable[..., Notice]] = {}  # kind -> what writes it; docs/deploying.md lists them for subscribers


def notice(kind: str) -> Callable[[Callable[P, Draft]], Callable[P, Notice]]:
    """Decorate and register what writes the notices of a kind, which subscribers filter by (attribute ``kind``)."""

    def register(write: Callable[P, Draft]) -> Callable[P, Notice]:
        if kind in NOTICES:
            raise ValueError(f"notices of kind '{kind}' are written twice")

        @wraps(write)
        def written(*args: P.args, **kwargs: P.kwargs) -> Notice:
            draft = write(*args, **kwargs)
            attributes = {"id": digest(kind, *draft.identity)[:32], "kind": kind, **draft.attributes}
            return Notice(draft.subject, "\n".join(draft.lines) + "\n", attributes)

        NOTICES[kind] = written
        return written

    return register


@notice("refused")
def refusal_notice(refused: Refusal) -> Draft:
    """An upload was put into quarantine."""
    document = refused.document
    lines = [document["message"], "", f"The file was moved to {refused.target_key}. Nothing else was disturbed."]
    subject = f"{refused.model}: upload refused"
    return Draft(subject, lines, {"model": refused.model}, (refused.target_key, document["version_id"]))


def metric_text(value: Any) -> str:
    """A metric for people."""
    if not isinstance(value, float):
        return "-" if value is None else str(value)
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4f}"


def _signed(value: float) -> str:
    return f"{value:+,.0f}" if abs(value) >= 1000 else f"{value:+.4g}"


def _named(verdict: dict[str, Any]) -> dict[str, str]:
    """Each metric's label, with which way is better where that is not the usual one."""
    details = verdict.get("metric_details", {})
    return {
        name: details.get(name, {}).get("label", name)
        + (" (lower is better)" if details.get(name, {}).get("lower_is_better") else "")
        for name in verdict.get("metrics", {})
    }


def _measured(verdict: dict[str, Any]) -> dict[str, str]:
    """Each metric with its interval, where it has one."""
    texts = {}
    for name, value in verdict.get("metrics", {}).items():
        details = verdict.get("metric_details", {}).get(name, {})
        low, high = metric_text(details.get("low")), metric_text(details.get("high"))
        texts[name] = metric_text(value) + (f" ({low} to {high})" if details.get("low") is not None else "")
    return texts


def comparison_lines(verdict: dict[str, Any]) -> list[str]:
    """The metrics of a version, beside those of the champion on the same test rows where there is one."""
    champion, labels, own = verdict.get("champion", {}), _named(verdict), _measured(verdict)
    width = max(map(len, labels.values()), default=0)
    this = "this (95% interval)" if any(")" in text for text in own.values()) else "this"
    if "differences" not in champion:
        lines = [f"  {'':<{width}}  {this}"] if this != "this" else []
        lines += [f"  {labels[name]:<{width}}  {text}" for name, text in own.items()]
        reason = champion.get("reason")
        return lines + (["", f"It was not compared with version {champion['version']}: {reason}"] if reason else [])
    wide = max(10, len(this), *map(len, own.values()))
    before = f"version {champion['version']}"
    lines = [f"  {'':<{width}}  {this:>{wide}}  {before:>10}  difference (95% interval)"]
    for name, text in own.items():
        difference = champion["differences"].get(name, {})
        lines.append(
            f"  {labels[name]:<{width}}  {text:>{wide}}  {metric_text(difference.get('champion')):>10}  "
            f"{_difference_text(difference)}"
        )
    rows = champion.get("interval", {}).get("of", 0)
    lines += ["", f"Both on the same {rows} test rows; what is not called better or worse may be chance."]
    return lines + ([f"Beware: {champion['warning']}."] if champion.get("warning") else [])


def _difference_text(difference: dict[str, Any]) -> str:
    if difference.get("low") is None:
        return ""
    low, value, high = (_signed(difference[part]) for part in ("low", "difference", "high"))
    return f"{value} ({low} to {high})" + {"challenger": ", better", "champion": ", worse"}.get(
        difference["better"], ""
    )


@notice("approval")
def approval_notice(
    model: str,
    run: str,
    version: int,
    arn: str,
    verdict: dict[str, Any],
    deadline_s: int,
    warnings: Sequence[dict[str, str]] = (),
    owner: str = "",
) -> Draft:
    """A version waits for approval. ``warnings`` are the data checks' findings; ``owner`` answers for the model."""
    warned = [f"  column '{warning['column']}': {_expectation(warning)}" for warning in warnings]
    doubted = [f"  {doubt['column']}: {_expectation(doubt)}" for doubt in verdict.get("doubts", [])]
    lines = [
        f"Version {version} of {model} passed its gate and waits for your decision.",
        *([f"The model's owner: {owner}"] if owner else []),
        "",
        *comparison_lines(verdict),
        *(["", "The new data gives warnings:", *warned] if warned else []),
        *(["", "The evaluation has doubts:", *doubted] if doubted else []),
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
    return Draft(f"{model} version {version}: please decide", lines, facts, (run, str(version)))


def _expectation(warning: dict[str, str]) -> str:
    return f"expected {warning['expected']}, found {warning['found']}"


@notice("scoring")
def scoring_notice(scoring: str, name: str, status: str, reasons: Sequence[str], rows: int, key: str) -> Draft:
    """The scoring of a file ended."""
    scored = f"{name} was scored: {rows} rows in, {rows} answers out, in {key}"
    first = scored if status == "Scored" else f"{name} was not scored: {status.lower()}"
    lines = [first, *([""] if reasons else []), *(f"  {reason}" for reason in reasons)]
    return Draft(f"{name}: {status.lower()}", lines, {"status": status}, (scoring, status))


@notice("kept")
def still_serving_notice(model: str, version: int, sequence: int) -> Draft:
    """The live version was rejected and serves on, as no other is approved; ``sequence`` is the decision's number."""
    lines = [
        f"Version {version} of {model} was rejected and serves all the same: no other version is approved.",
        "",
        f"Approve another one (retrain status {model} lists them), or take away what serves:",
        "  an endpoint: aws sagemaker delete-endpoint; files: do not put them to scoring/ until then.",
    ]
    facts = {"model": model, "version": str(version)}
    subject = f"{model} version {version}: rejected, and still serving"
    return Draft(subject, lines, facts, (model, str(version), str(sequence)))


@notice("taken-away")
def taken_away_notice(model: str, config: str) -> Draft:
    """An endpoint whose version failed was deleted, as nothing served before it."""
    lines = [
        f"The endpoint of {model} was deleted: its version failed, and no version that was verified is there to serve.",
        "",
        f"Until another version is approved {model} answers nothing (retrain status {model} says what failed).",
    ]
    subject = f"{model}: the endpoint was taken out of use"
    return Draft(subject, lines, {"model": model, "config": config}, (model, config))


@notice("decision-refused")
def decision_notice(text: str, why: str) -> Draft:
    """A message of the decision topic could not be followed."""
    form = '{"model": "churn", "version": 3, "decision": "approve", "reason": "…", "by": "…"}'
    lines = [
        f"A message on the decision topic was not followed: {why}",
        "",
        f"  {text[:500]}",
        "",
        f"Its form is {form}",
    ]
    return Draft("decision not followed", lines, {}, (text,))


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


@notice("ended")
def end_notice(end: RunEnded) -> Draft:
    """A run ended."""
    in_batch = end.batch and end.status is RunStatus.DEPLOYED
    ending = DEPLOYED_IN_BATCH if in_batch else ENDINGS[end.status]
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
    return Draft(f"{end.model}: {end.status}", lines, facts, (end.execution, str(end.status)))
