"""Notifications: their plain text for people, and their attributes for machines. Pure: nothing is sent here."""

from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from typing import Any, NamedTuple, ParamSpec

from app.decide.comparison_text import comparison_lines
from app.decide.messages import RunEnded
from app.decide.names.hashes import digest
from app.decide.names.shown_text import shown
from app.decide.names.statuses import RunStatus
from app.decide.names.times import duration_text
from app.decide.operating.urgency import is_urgent
from app.decide.run_plans import Refusal
from app.decide.uploads.standing import REPLACED

P = ParamSpec("P")
MOST_BYTES = 8_192  # of a mail
MOST_REFUSALS = 20  # that a mail names
LINE_LIMITS, CUT = (1_000, 300, 200, 100), "…\n"  # characters of a line: the first with which a mail fits


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
    lines: list[str]  # each becomes one, whatever stands in it
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
            urgent = str(is_urgent(kind, draft.attributes)).lower()
            attributes = {"id": digest(kind, *draft.identity)[:32], "kind": kind, "urgent": urgent, **draft.attributes}
            return Notice(shown(draft.subject), _mail(draft.lines), attributes)

        NOTICES[kind] = written
        return written

    return register


def _mail(lines: Sequence[str]) -> str:
    """A mail's text, ``MOST_BYTES`` at most. What was uploaded can neither begin a line of it nor push others out."""
    for limit in LINE_LIMITS:
        text = "\n".join(shown(line, limit) for line in lines) + "\n"
        if len(text.encode()) <= MOST_BYTES:
            return text
    return text.encode()[: MOST_BYTES - len(CUT.encode())].decode(errors="ignore") + CUT


@notice("refused")
def refusal_notice(model: str, refused: Sequence[Mapping[str, Any]]) -> Draft:
    """Uploads of a model were put into quarantine; of each, what is written beside it there."""
    identity = tuple(f"{document['file']} {document['version_id']}" for document in refused)
    if len(refused) == 1:
        lines = [refused[0]["message"], "", f"{_whereabouts(refused[0])} Nothing else was disturbed."]
        return Draft(f"{model}: upload refused", lines, {"model": model}, identity)
    more = len(refused) - MOST_REFUSALS
    lines = [f"{len(refused)} files were refused. Nothing else was disturbed.", ""]
    for document in refused[:MOST_REFUSALS]:
        lines += [document["message"], f"  {_whereabouts(document)}", ""]
    lines += [f"And {more} more: retrain status {model}"] if more > 0 else []
    return Draft(f"{model}: {len(refused)} uploads refused", lines, {"model": model}, identity)


def _whereabouts(document: Mapping[str, Any]) -> str:
    moved = document["quarantined_as"]
    return f"The file was moved to {moved}." if moved else "The file stays where it is, and counts for nothing."


@notice("files-refused")
def files_refused_notice(model: str, run: str, why: str, refused: Sequence[Refusal]) -> Draft:
    """A run's job refused uploads that had been accepted; the run goes on without them."""
    files = f"{len(refused)} accepted file{'' if len(refused) == 1 else 's'}"
    lines = [
        f"The job of run {run} cannot use {files}; the run goes on without {'it' if len(refused) == 1 else 'them'}.",
        "",
        f"  {why}",
        "",
        "Moved, with the reason beside it, and learnt from by no later run:",
        *(f"  {one.document['file']} -> {one.target_key}" for one in refused),
        "",
        "To have the rows counted: correct the file, and upload it again.",
    ]
    identity = (run, *(one.document["version_id"] for one in refused))
    return Draft(f"{model}: {files} left out", lines, {"model": model, "run": run}, identity)


def approval_draft(
    model: str,
    run: str,
    version: int,
    arn: str,
    verdict: dict[str, Any],
    deadline_s: int,
    warnings: Sequence[dict[str, str]] = (),
    owner: str = "",
    loosened: Sequence[str] = (),
    left_out: Sequence[dict[str, str]] = (),
    costs: Sequence[str] = (),
    link: str = "",
    asked: Sequence[str] = (),
) -> Draft:
    """A version waits for approval. ``warnings`` are the data checks' findings; ``owner`` answers for the model;
    ``loosened`` are the gate's limits that let worse versions pass than the model file says; ``left_out`` are accepted
    uploads that it did not learn from; ``costs``: in words; ``link``: to a page to decide on; ``asked`` says who is.
    """
    warned = [f"  column '{warning['column']}': {_expectation(warning)}" for warning in warnings]
    doubted = [f"  {doubt['column']}: {_expectation(doubt)}" for doubt in verdict.get("doubts", [])]
    lines = [
        f"Version {version} of {model} passed its gate and waits for your decision.",
        *_link_lines(link),
        *asked,
        *([f"The model's owner: {owner}"] if owner else []),
        "",
        *comparison_lines(verdict),
        *(["", "Its gate was looser than the model file's:", *(f"  {text}" for text in loosened)] if loosened else []),
        *(["", "The new data gives warnings:", *warned] if warned else []),
        *left_out_lines(left_out),
        *(["", "The evaluation has doubts:", *doubted] if doubted else []),
        "",
        *costs,
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


def reminder_draft(
    model: str, run: str, version: int, why: str, expires_at: str, link: str = "", asked: Sequence[str] = ()
) -> Draft:
    """A version still waits for approval; ``why`` that is said now."""
    lines = [
        f"Version {version} of {model} still waits for your decision: {why}.",
        *_link_lines(link),
        *asked,
        f"Without one the request expires at {expires_at}.",
        "",
        f"  retrain report {model} {version} --open",
        f"  retrain approve {model} {version} --reason '…'",
        f"  retrain reject {model} {version} --reason '…'",
    ]
    facts = {"model": model, "run": run, "version": str(version)}
    return Draft(f"{model} version {version}: still waits for a decision", lines, facts, (run, str(version), why))


approval_notice, reminder_notice = notice("approval")(approval_draft), notice("reminder")(reminder_draft)


def _link_lines(link: str) -> list[str]:
    """A mail's second line, where a thumb finds it; whoever has the link may decide, and the mail says so."""
    return [link, "There you look, and decide. Who has this link may decide: do not pass it on."] if link else []


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
    identity = (model, str(version), str(sequence))
    return Draft(f"{model} version {version}: rejected, and still serving", lines, facts, identity)


@notice("waiting")
def waiting_notice(model: str, run: str, version: int, execution: str, reason: str) -> Draft:
    """A deployment waits for instances, and is tried again for hours."""
    lines = [
        f"Version {version} of {model} is not deployed yet: {reason}",
        "",
        "It is tried again, with pauses of up to half an hour; what serves meanwhile serves on.",
        f"If it takes too long, name another instance type in models/{model}.yaml, or more (deployment: fallback),",
        "publish, and start another run.",
        f"Run: {run}",
    ]
    facts = {"model": model, "run": run, "version": str(version)}
    return Draft(f"{model} version {version}: waits for instances", lines, facts, (execution,))


@notice("taken-away")
def taken_away_notice(model: str, config: str) -> Draft:
    """An endpoint whose version failed was deleted, as nothing served before it."""
    lines = [
        f"The endpoint of {model} was deleted: its version failed, and no version that was verified is there to serve.",
        "",
        f"Until another version is approved {model} answers nothing (retrain status {model} says what failed).",
    ]
    facts = {"model": model, "config": config}
    return Draft(f"{model}: the endpoint was taken out of use", lines, facts, (model, config))


@notice("stray")
def stray_notice(model: str, version: int) -> Draft:
    """A version was approved that no run of this stack judged."""
    lines = [
        f"Version {version} of {model} is approved, and no run of this stack judged it: it is not deployed.",
        "",
        "Somebody registered it by hand, or a job did. Reject or delete it, so that nobody waits for it.",
        "A version that is to serve comes from a run: upload data, or `retrain start`.",
    ]
    facts = {"model": model, "version": str(version)}
    return Draft(f"{model} version {version}: approved, and not judged", lines, facts, (model, str(version)))


@notice("decision-refused")
def decision_notice(message_id: str, text: str, why: str, model: str = "") -> Draft:
    """A message of the decision topic could not be followed. Who sends the same words again is told again; ``model`` is
    the one that it names, "" where it cannot be read.
    """
    form = '{"model": "churn", "version": 3, "decision": "approve", "reason": "…", "by": "…"}'
    first = f"A message on the decision topic was not followed: {why}"
    lines = [first, "", f"  {text[:500]}", "", f"Its form is {form}"]
    subject = f"{model}: decision not followed" if model else "decision not followed"
    return Draft(subject, lines, {"model": model}, (message_id, text))


ENDINGS = {
    RunStatus.DEPLOYED: "serves now; its predictions equal those of the evaluation",
    RunStatus.REJECTED_BY_GATE: "did not pass its gate; nothing was registered, and what serves is as it was",
    RunStatus.REJECTED_BY_REVIEWER: "was rejected by its reviewer; what serves is as it was",
    RunStatus.APPROVAL_EXPIRED: "was not approved in time. You can still approve it; it is then deployed",
    RunStatus.SUPERSEDED: "was superseded by a newer version",
    RunStatus.NO_USABLE_DATA: "had no usable data",
    RunStatus.NOT_DUE: "was held back by the model's policy; its uploads stay accepted, and count in the next run",
    RunStatus.FAILED: "failed; what served before serves still unless it says so below",
}
DEPLOYED_IN_BATCH = "scores files now, in batches; its predictions in a first one equal those of the evaluation"


def left_out_lines(left_out: Sequence[dict[str, str]]) -> list[str]:
    """Accepted uploads that a run did not learn from, by name; those that newer versions replaced are no news."""
    lines = [f"  {one['key']}: {one['why']}" for one in left_out if one["why"] != REPLACED]
    return ["", "Accepted uploads that were left out:", *lines] if lines else []


@notice("ended")
def end_notice(end: RunEnded) -> Draft:
    """A run ended."""
    in_batch = end.batch and end.status is RunStatus.DEPLOYED
    ending = DEPLOYED_IN_BATCH if in_batch else ENDINGS[end.status]
    lines = [f"The run {end.run} {ending}.", *([""] if end.reasons else []), *(f"  {reason}" for reason in end.reasons)]
    lines += ["", f"To score a file: retrain score {end.model} FILE.csv"] if in_batch else []
    lines += ["", *end.began] if end.began else []
    if end.leftover:
        lines += ["", f"Endpoint {end.leftover} answers with an older version, and costs. If nobody asks it any more:"]
        lines += [f"  aws sagemaker delete-endpoint --endpoint-name {end.leftover}"]
    lines += ["", f"More: retrain status {end.model}"]
    facts = {"model": end.model, "run": end.run, "status": str(end.status)}
    return Draft(f"{end.model}: {end.status}", lines, facts, (end.execution, str(end.status)))
