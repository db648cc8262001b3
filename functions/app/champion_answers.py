"""What a champion of several containers answers to a run's held-out rows: a batch transform that a pipeline waits for.

A champion that cannot be asked is a finding: it never fails the pipeline. Whatever comes of it is written as said.json
beside the answers, and the pipeline is told where that lies.
"""

from app import bucket, champions, pipelines, transforms
from app.champions import Champion
from app.errors import RetrainError
from app.events import ChampionAsked
from app.ledger import ledger
from app.rules import canonical, digest, split_uri, transform_name
from app.serving_plans import instance_of, tags_of
from app.settings import Settings
from app.tokens import AwaitedJob
from app.transform_plans import transform_request
from app.transforms import Job

KIND = "champion"


def ask(asked: ChampionAsked, settings: Settings) -> str:
    """Start the batch transform that a pipeline waits for; its job, "" where the pipeline is answered at once."""
    job = transform_name(settings.stack, asked.model, asked.version, digest("champion", asked.token))
    if asked.stopping:
        _stop(job, asked.token)
        return ""
    try:
        why = _begin(job, asked, settings)
    except RetrainError as error:  # the pipeline would wait in vain for a message that comes again and again
        ledger().forget_job(job)
        why = f"it could not be asked: {error}"
    if why:
        pipelines.answer(asked.token, {"answers": _unasked(asked.model, why, settings)})
        return ""
    return job


def _begin(job: str, asked: ChampionAsked, settings: Settings) -> str:
    """Start the batch transform, its token stored first; why there is none, "" where there is one."""
    model = bucket.published(settings.data_bucket, asked.model)
    champion = champions.champion(settings, asked.model, model.mode) if asked.version else None
    why = why_not(champion, asked)
    if champion is None or why:
        return why
    ledger().await_job(job, KIND, asked.token, asked.model)
    folder = f"s3://{settings.data_bucket}/transforms/{asked.model}/{job}/out"
    request = transform_request(job, champion.name, instance_of(model.deployment), asked.records, folder)
    transforms.start(request, list(tags_of(settings)))
    return ""


def why_not(champion: Champion | None, asked: ChampionAsked) -> str:
    """Why the champion is not asked in a batch transform; "" when it is."""
    if champion is None:
        return "no version serves"
    if champion.version != asked.version:
        return f"version {champion.version} has come into service in its place"
    return "" if champion.several else "its one container is asked in the pipeline"


def answer(waiting: AwaitedJob, found: Job, settings: Settings) -> None:
    """Tell the pipeline that waits where the answers lie, or why there are none."""
    said = {"status": "answered"} if found.status == "Completed" else {"status": "failed", "reason": found.words}
    bucket.put_json(*split_uri(f"{found.output}/said.json"), said)
    pipelines.answer(waiting.task_token, {"answers": found.output})


def _stop(job: str, token: str) -> None:
    """The execution is being stopped, which waits for this answer."""
    ledger().forget_job(job)
    transforms.stop(job)
    pipelines.give_up(token, "the pipeline execution is being stopped")


def _unasked(model: str, why: str, settings: Settings) -> str:
    """A folder that says why; equal reasons have one, so that what reads it comes from the cache."""
    said = {"status": "unasked", "reason": why}
    folder = f"transforms/{model}/unasked/{digest(canonical(said))}"
    bucket.put_json(settings.data_bucket, f"{folder}/said.json", said)
    return f"s3://{settings.data_bucket}/{folder}"
