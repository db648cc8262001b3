"""What serves is asked about the new rows of uploads before any run learns from them, where the policy wants to know.

The run's own pipeline does it, as far as the step that asks what serves. If the policy then says so the whole pipeline
follows in the same run, and takes these steps from the cache.
"""

from typing import Any

from app.aws import data_bucket, pipelines
from app.decide.messages import RunTask
from app.decide.names.bucket_keys import document_uri
from app.decide.records import RunRecord
from app.flow.watching import quality
from app.ledger import ledger

QUALITY = "quality.json"


def is_measuring(record: RunRecord | None) -> bool:
    """Whether the pipeline that was planned last only asks what serves."""
    return bool(record and record.plan and record.plan.get("measuring"))


def read(task: RunTask, record: RunRecord) -> dict[str, Any]:
    """Keep what the run's pipeline measured; the run keeps its turn, and is planned once more. Idempotent.

    Raises:
        Contended: another transaction writes the same window.
        NoVerdict: nobody asked what serves.
    """
    found = data_bucket.read_json(document_uri(pipelines.champion_answers(task.pipeline_execution_arn), QUALITY))
    kept = quality.keep(task.model, {"serving": found})
    measured = list(dict.fromkeys([*record.measuring_pipelines, task.pipeline_execution_arn]))
    ledger().update_run(task.run, "what serves was measured", measuring_pipelines=measured)
    why = [str(found["reason"])] if found.get("reason") else []
    return {"measured": True, "windows": len(kept), "passed": False, "reasons": why, "version": 0}
