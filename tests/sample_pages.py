"""Pages that a browser is shown, of facts that have all that a page can show."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml
from app.decide.names.statuses import Approval, RunStatus
from app.decide.operating.alarm_rows import AlarmRow
from app.decide.operating.health import Health
from app.decide.operating.tried_records import Field, Tried
from app.decide.pages import answers, endings
from app.decide.pages.console_views import ModelFacts, model_row, model_view, run_view
from app.decide.pages.drawings import pipeline_drawing
from app.decide.pages.endings import ending
from app.decide.pages.links import DecisionLink
from app.decide.pages.machine_graph import machine
from app.decide.pages.questions import question
from app.decide.pages.run_progress import step_rows
from app.decide.pages.step_views import WITHHELD, Job, step_view
from app.decide.pages.why import why_view
from app.decide.records import RunRecord
from app.decide.watching.quality_views import QualityView, quality_view
from app.decide.watching.series import story
from app.decide.watching.windows import WatchedWindow

NOW = datetime(2026, 3, 15, tzinfo=UTC)
MEASURED = [  # newest first, and worse than before
    WatchedWindow(
        "churn", "quality", "uploads", f"upload-{at}#v3", at, at, 400, "roc_auc", value, value - 0.01, value + 0.01, 3,
        {"labels": {"roc_auc": "ROC-AUC"}},
    )
    for at, value in (("2026-03-13", 0.79), ("2026-03-12", 0.83), ("2026-03-11", 0.846))
]  # fmt: skip
MODEL, RUN = "churn", "churn-20260314t101500-abcdef"
DRIFTED = {"column": "tenure", "expected": "PSI up to 0.25 against the data of version 3", "found": "PSI 1.66"}


def _difference(champion: float, difference: float, low: float, high: float, better: str) -> dict[str, Any]:
    return {"champion": champion, "difference": difference, "low": low, "high": high, "better": better}


VERDICT: dict[str, Any] = {
    "passed": True,
    "metrics": {"accuracy": 0.8241, "brier_score": 0.127, "f1": 0.5482, "rmse": 22_712.0, "roc_auc": 0.8488},
    "metric_details": {
        "accuracy": {"label": "accuracy", "low": 0.801, "high": 0.848},
        "brier_score": {"label": "Brier score", "lower_is_better": True, "low": 0.118, "high": 0.139},
        "f1": {"label": "F1", "low": 0.49, "high": 0.6},
        "rmse": {"label": "RMSE", "lower_is_better": True, "low": 20_560.4, "high": 25_159.2},
        "roc_auc": {"label": "ROC-AUC", "low": 0.82, "high": 0.87},
    },
    "doubts": [{"column": "tenure", "expected": "no answer in it", "found": "an accuracy of 0.99 alone"}],
    "champion": {
        "status": "scored",
        "version": 3,
        "interval": {"level": 0.95, "of": 897},
        "differences": {
            "accuracy": _difference(0.81, 0.0141, 0.002, 0.03, "challenger"),
            "brier_score": _difference(0.12, 0.007, 0.001, 0.012, "champion"),
            "f1": _difference(0.54, 0.0082, -0.01, 0.03, "neither"),
            "rmse": _difference(24_000.0, -1_288.0, -2_100.4, 12.3, "neither"),
        },
    },
}
WAITING = RunRecord(
    RUN, MODEL, RunStatus.AWAITING_APPROVAL, "arn", verdict=VERDICT, version=4, rows=5000,
    package_arn="arn:aws:sagemaker:eu-central-1:123456789012:model-package/retrain--churn/4",
    plan={"owner": "Grace Hopper", "loosened": ["recall: 0.4 instead of 0.5"], "deadline_s": 604_800, "deployment": {}},
    timeline=[{"at": "2026-03-14T10:15:00.000Z", "what": what} for what in ("arrived", "approval requested")],
    warnings=[DRIFTED], files=[{"key": "incoming/churn/may.csv"}],
    left_out=[{"key": "incoming/churn/june.csv", "version_id": "v", "why": "withdrawn: wrong month"}],
)  # fmt: skip
FAILED = WAITING._replace(
    id="churn-20260313t101500-abcdef", status=RunStatus.FAILED, version=3, reasons=["Preprocess: no column 'Churn'"]
)
LINK = DecisionLink(MODEL, 4, RUN, "2026-03-21T10:15:00.000Z", "ada@example.org")
FACTS = ModelFacts(
    MODEL, 3, "2026-03-13T10:15:00.000Z", {3: "", 4: "", 2: "5xx errors"}, [WAITING, FAILED],
    [{"at": "2026-03-12T10:15:00.000Z", "message": "may.csv: no column 'Churn'"}],
    [
        {"key": f"incoming/churn/{name}.csv", "version_id": "v", "uploaded_at": f"2026-03-{day}T10:15:00.000Z",
         "rows": 5000, "run": RUN, "sk": f"00000001#{name[0]}", "withdrawn": why, "warnings": [DRIFTED] * (day - 12)}
        for name, day, why in (("april", 12, "wrong month (Ada, 2026-03-13)"), ("may", 13, ""), ("june", 14, ""))
    ],
)  # fmt: skip
ROOT = "/console/secret"
LATER = NOW + timedelta(seconds=500)
LISTED: list[dict[str, Any]] = [
    {"StepName": name, "StepStatus": status, "StartTime": NOW + timedelta(seconds=begun)}
    | ({"EndTime": NOW + timedelta(seconds=ended)} if ended else {})
    for name, status, begun, ended in (
        ("Preprocess", "Succeeded", 0, 240), ("Train", "Executing", 240, 0), ("ScoreChampion", "Failed", 240, 300)
    )
]  # fmt: skip
DEFINITION = json.dumps(
    {
        "Steps": [
            {"Name": name, "Type": "Processing", "DependsOn": after}
            for name, after in (
                ("Preprocess", []), ("ScoreChampion", ["Preprocess"]), ("Train", ["Preprocess"]),
                ("Evaluate", ["Train", "ScoreChampion"]), ("CheckQuality", ["Evaluate"]),
                ("Register", ["CheckQuality"]),
            )
        ]
    }
)  # fmt: skip
MACHINE = (Path(__file__).parent.parent / "statemachine" / "retraining.asl.yaml").read_text("utf-8")


def _history(*through: str, last: str) -> list[dict[str, Any]]:
    """What an execution of the machine did that went through states, and waits in the last one."""
    kinds = [(name, kind) for name in through for kind in ("Entered", "Exited")]
    events = [{"type": f"TaskState{kind}", f"state{kind}EventDetails": {"name": name}} for name, kind in kinds]
    events += [{"type": "TaskStateEntered", "stateEnteredEventDetails": {"name": last}}, {"type": "TaskSubmitted"}]
    return [one | {"timestamp": NOW + timedelta(seconds=7 * at)} for at, one in enumerate(events)]


WENT = _history("Check quiet", "Wait for quiet", "Wait for turn", "Plan run", "Start pipeline", "Read verdict",
                last="Request approval")  # fmt: skip
RUNNING = run_view(WAITING._replace(outputs={"evaluation": "s3://bucket/e"}), step_rows(LISTED, LATER),
                   pipeline_drawing(DEFINITION, LISTED, LATER),
                   machine(json.dumps(yaml.safe_load(MACHINE)), WENT, LATER))  # fmt: skip
JOB = Job("pipelines-k3j9-Train-aB3x", "/aws/sagemaker/TrainingJobs")
LOG = [f"[{number}]#011validation-logloss:{0.7 - number / 400:.5f}" for number in range(120)]
SOURCES = [
    {"key": f"incoming/churn/{month}.csv", "uploaded_at": "2026-03-14T10:15:00.000Z", "size_bytes": size}
    for month, size in (("march", 1_204_311), ("april", 48_200), ("may", 812))
]
LIVE = WAITING._replace(
    status=RunStatus.DEPLOYED,
    timeline=[{"at": "2026-03-14T10:15:00.000Z", "what": what} for what in ("arrived", "approved by Ada, not proven: "
                                                                            "better recall", "verified")],
)  # fmt: skip


def _step(note: str, *, lines: list[str]) -> str:
    view = step_view(LISTED[1], JOB, f"{JOB.name}/algo-1-1773483300", lines, note, LATER)
    return answers.page(200, "", "step.html", root=ROOT, run=RUN, model=MODEL, step=view).body


WHY = why_view(LIVE, [FAILED._replace(id="churn-20260315t101500-abcdef"), LIVE], SOURCES, serves=True, failure="")
NOTHING, TYPED = {"who": "", "reason": ""}, {"who": "Ada", "reason": ""}
ASKED = {"question": question(LINK, WAITING, 3), "problem": "", "wrong": ""}
NEEDED = "It needs a yes of 2 of: ada@example.org, grace@example.org. So far: 1 of 2 yes (grace@example.org)."
WRONG = ASKED | {"problem": "Give a reason.", "wrong": "reason"}


def _ended(record: RunRecord, status: Approval, who: str = "") -> str:
    found = ending(LINK, record, status, who, NOW)
    assert found
    return answers.said(found).body


WELL = Health("good", "endpoint InService on 1 instance, no alarm")
ILL = Health("bad", "endpoint InService, in alarm: The endpoint answers with errors of its own.")
QUIET: dict[str, Any] = {"alarms": (), "letters": {"arrivals": 0, "events": 0}}
TROUBLE: dict[str, Any] = {
    "alarms": (
        AlarmRow("RunsFail", "A run failed. See docs/runbooks.md#runs-fail", "2026-03-14 10:15 UTC"),
        AlarmRow("retrain--churn-v4-errors", "The endpoint answers with errors of its own.", "2026-03-13 10:15 UTC"),
    ),
    "letters": {"arrivals": 1, "events": 3},
}  # fmt: skip


def _all(models: list[Any], seen: dict[str, Any], *, operates: bool = False) -> str:
    return answers.page(200, "", "models.html", root=ROOT, models=models, operates=operates, **seen).body


def _model(*, operates: bool, problem: str = "", quality: QualityView | None = None) -> str:
    given = {"who": "Ada" if problem else "", "reason": "", "upload": "00000001#b"}
    view = model_view(FACTS)
    seen = {"quality": quality, "health": ILL if problem else WELL}
    return answers.page(
        200, "", "model.html", root=ROOT, model=view, operates=operates, given=given, problem=problem, **seen
    ).body


FIELDS = tuple(
    Field(f"column-{number}", name, name == "tenure", "12" if name == "tenure" else "")
    for number, name in enumerate(
        ("gender", "tenure", "Contract", "PaymentMethod", "a_name_that_is_long_without_a_break")
    )
)


def _try(answered: Tried | None, problem: str = "") -> str:
    facts = {"fields": FIELDS, "answered": answered, "problem": problem}
    return answers.page(200, "", "try.html", root=ROOT, model=MODEL, **facts).body


PAGES = {
    "question": answers.page(200, "", "decision.html", given=NOTHING, **ASKED).body,
    "first version": answers.page(
        200, "", "decision.html", given=NOTHING,
        **ASKED | {"question": question(LINK, WAITING._replace(verdict={"metrics": {"f1": 0.5}}), None)},
    ).body,
    "one of two reviewers": answers.page(
        200, "", "decision.html", given={"who": "ada@example.org", "reason": ""},
        **ASKED | {"question": question(LINK, WAITING, 3, NEEDED)},
    ).body,
    "yes of one of two": answers.said(endings.yes_counted(LINK, "1 of 2 yes (ada@example.org)")).body,
    "problem": answers.page(400, "", "decision.html", given=TYPED, **WRONG).body,
    "approved": _ended(WAITING, Approval.APPROVED, "approved by Ada, not proven: better recall"),
    "rejected": _ended(WAITING, Approval.REJECTED, "rejected by Ada, not proven: too few rows"),
    "superseded": _ended(WAITING._replace(status=RunStatus.SUPERSEDED), Approval.PENDING),
    "unknown": answers.said(endings.UNKNOWN).body,
    "all models": _all([model_row(FACTS, WELL, story(MEASURED))], QUIET),
    "all models in trouble": _all([model_row(FACTS, ILL)], TROUBLE, operates=True),
    "no models": _all([], QUIET),
    "a model": _model(operates=False),
    "a model that is operated": _model(operates=True),
    "a withdrawal that lacks a reason": _model(operates=True, problem="Give a reason."),
    "a form for one record": _try(None),
    "a record that was tried": _try(Tried((("probability", "0.8241"), ("label", "Yes")), ("Contract",))),
    "a record that was refused": _try(None, "column 'tenure' says 'many', which is no number"),
    "a link that only reads": answers.said(endings.READ_ONLY).body,
    "letters sent again": answers.said(
        endings.redriven(["upload incoming/churn/may.csv -> ArrivalsQueueUrl"], ["a mail that was not delivered"])
    ).body,
    "a model that is measured": _model(operates=False, quality=quality_view(MEASURED)),
    "a run": answers.page(200, "", "run.html", root=ROOT, again_s=0, run=RUNNING).body,
    "a run that is followed": answers.page(200, "", "run.html", root=ROOT, again_s=5, run=run_view(WAITING)).body,
    "a step with its log": _step("", lines=LOG),
    "a step whose log is withheld": _step(WITHHELD, lines=[]),
    "why a version serves": answers.page(200, "", "why.html", root=ROOT, why=WHY).body,
    "a failed run": answers.page(200, "", "run.html", root=ROOT, again_s=0, run=run_view(FAILED)).body,
}  # fmt: skip
