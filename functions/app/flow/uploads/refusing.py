"""Refusals at the door: a file goes to quarantine with its reason, and people are told."""

from typing import Any

from app.aws import data_bucket
from app.decide.messages import DatasetArrived
from app.decide.names.resource_names import no_model_text
from app.decide.names.times import iso
from app.decide.run_plans import refusal
from app.decide.uploads.file_checks import Problem
from app.decide.uploads.published_model import Model
from app.decide.uploads.unreadable import Unreadable
from app.errors import UnknownModel
from app.flow.uploads import refusal_mails
from app.ledger import ledger
from app.ledger.batches import now
from app.settings import Settings


def model_of(bucket: str, model: str, folder: str) -> Model:
    """The published model that a file in ``folder`` is for.

    Raises:
        Problem: there is none.
    """
    try:
        return data_bucket.published(bucket, model)
    except UnknownModel as error:
        problem = no_model_text(model) if model else "it lies in no model's folder"
        names = ", ".join(data_bucket.published_names(bucket)) or "none yet"
        raise Problem(problem, f"upload to {folder}<model>/ of a published model ({names})") from error


def refuse(arrival: DatasetArrived, upload: tuple[str, str], problem: Problem, settings: Settings) -> None:
    """Quarantine: the copy and its reason first, then the deletion: what is gone could not be refused any more. That
    people are not told yet is written with the refusal.
    """
    stays = isinstance(problem, Unreadable)  # what cannot be read cannot be copied
    refused = refusal(arrival, *upload, problem.problem, problem.remedy, iso(now()), stays=stays)
    if not stays:
        data_bucket.copy(arrival.bucket, arrival.key, arrival.version_id, refused.target_key, arrival.size_bytes)
    data_bucket.put_json(arrival.bucket, refused.reason_key, refused.document)
    ledger().refuse(refused.model, arrival, refused.document, stays=stays)
    if not stays:
        data_bucket.delete_version(*arrival.identity)
    refusal_mails.tell(refused.model, arrival, settings)


def finish(outcome: dict[str, Any], arrival: DatasetArrived, settings: Settings) -> None:
    """Finish a refusal, if the outcome is one: whoever refused it may have died before that was told, or before the
    deletion. Idempotent.
    """
    if "refused" not in outcome:
        return
    if not outcome.get("stays"):
        data_bucket.delete_version(*arrival.identity)
    refusal_mails.tell(outcome["model"], arrival, settings)
