"""What a model's page of the console says: who was asked, and which metrics there is room for."""

from typing import Any

from app.decide.pages.console_views import ModelView, model_view, run_view

from tests.sample_pages import FACTS, VERDICT, WAITING


def shown(**run: Any) -> ModelView:
    """The page of a model with one run, which waits."""
    return model_view(FACTS._replace(versions={4: ""}, runs=[WAITING._replace(**run)]))


def test_a_page_says_whether_anybody_heard_that_a_version_waits() -> None:
    (heard,), (unheard,) = shown().waiting, shown(unheard=True).waiting

    assert heard.endswith("UTC: whoever is subscribed was asked.")
    assert unheard.endswith("UTC: nobody was subscribed when it was asked for.")


def test_a_page_names_the_reviewers_whose_yes_is_needed() -> None:
    review = {"reviewers": ["ada@example.org", "grace@example.org"], "needed": 2, "not_by": ""}

    (told,) = shown(plan={"review": review}).waiting

    assert told == "Version 4 waits for a decision: asked for a yes of 2 of: ada@example.org, grace@example.org."


def test_a_runs_page_says_what_its_policy_began_it_for() -> None:
    drifted = run_view(WAITING._replace(cause={"kind": "drift", "evidence": ["tenure drifted", "plan drifted"]}))
    uploaded = run_view(WAITING._replace(cause={"kind": "uploads", "evidence": ["new uploads"]}))

    assert ("Began by", "drift: tenure drifted; plan drifted") in drifted.facts
    assert "Began by" not in dict(uploaded.facts)


def test_metrics_that_are_meant_for_little_room_come_first() -> None:
    details = VERDICT["metric_details"]
    roomy = {name: one | {"compact": name in ("accuracy", "roc_auc")} for name, one in details.items()}

    assert shown().metric_labels == ("accuracy", "Brier score", "F1", "RMSE")
    told = shown(verdict=VERDICT | {"metric_details": roomy})
    assert told.metric_labels == ("accuracy", "ROC-AUC", "Brier score", "F1")
