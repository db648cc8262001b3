"""What a reviewer reads in the mail: this version beside the one that serves, and what the data was warned of."""

from typing import Any

from app.decide.comparison_text import comparison_lines
from app.decide.notifications import approval_notice, decision_notice
from app.decide.uploads.standing import REPLACED

VERDICT: dict[str, Any] = {
    "passed": True,
    "metrics": {"recall": 0.53, "roc_auc": 0.8488, "f1": None},
    "champion": {
        "status": "scored",
        "version": 3,
        "interval": {"level": 0.95, "of": 897},
        "differences": {
            "recall": {"champion": 0.4487, "difference": 0.0813, "low": 0.036, "high": 0.1269, "better": "challenger"},
            "roc_auc": {"champion": 0.8433, "difference": 0.0055, "low": -0.0054, "high": 0.0171, "better": "neither"},
            "f1": {"champion": None, "difference": None, "low": None, "high": None, "better": "neither"},
        },
    },
}
WARNING = {"column": "tenure", "expected": "PSI up to 0.25 against the data of version 3", "found": "PSI 1.66"}


def mail(verdict: dict[str, Any], *warnings: dict[str, str]) -> str:
    return approval_notice("churn", "churn-1-a", 4, "arn:package/4", verdict, 604_800, warnings).text


def test_each_metric_stands_beside_the_champions_with_the_interval_of_the_difference() -> None:
    assert comparison_lines(VERDICT) == [
        "                 this   version 3  difference (95% interval)",
        "  recall       0.5300      0.4487  +0.0813 (+0.036 to +0.1269), better",
        "  roc_auc      0.8488      0.8433  +0.0055 (-0.0054 to +0.0171)",
        "  f1                -           -  ",
        "",
        "Both on the same 897 test rows; what is not called better or worse may be chance.",
    ]


DETAILS = {
    "recall": {"label": "recall", "lower_is_better": False, "low": 0.4712, "high": 0.5901},
    "rmse": {"label": "RMSE", "lower_is_better": True, "low": 20560.4, "high": 25159.2},
    "f1": {"label": "F1", "lower_is_better": False, "low": None, "high": None},
}


def test_a_metric_goes_by_its_label_with_its_interval_and_says_where_lower_is_better() -> None:
    verdict = {"metrics": {"recall": 0.53, "rmse": 22712.0, "f1": None}, "metric_details": DETAILS}

    assert comparison_lines(verdict) == [
        "                          this (95% interval)",
        "  recall                  0.5300 (0.4712 to 0.5901)",
        "  RMSE (lower is better)  22,712 (20,560 to 25,159)",
        "  F1                      -",
    ]


def test_beside_the_champion_each_metric_has_its_interval_too() -> None:
    rmse = {"champion": 23000.0, "difference": -1288.0, "low": -2100.4, "high": 12.3, "better": "neither"}
    champion = {"status": "scored", "version": 3, "interval": {"of": 442}, "differences": {"rmse": rmse}}
    verdict = {"metrics": {"rmse": 22712.0}, "metric_details": DETAILS, "champion": champion}

    assert comparison_lines(verdict)[:2] == [
        "                                this (95% interval)   version 3  difference (95% interval)",
        "  RMSE (lower is better)  22,712 (20,560 to 25,159)      23,000  -1,288 (-2,100 to +12.3)",
    ]


def test_the_table_is_in_the_mail() -> None:
    text = mail(VERDICT)

    assert "\n".join(comparison_lines(VERDICT)) in text
    assert "retrain report churn 4 --open" in text
    assert "warnings" not in text


def test_a_worse_champion_and_a_doubt_about_the_comparison_are_said() -> None:
    champion = VERDICT["champion"]
    worse = champion["differences"]["recall"] | {"difference": -0.1, "low": -0.2, "high": -0.05, "better": "champion"}
    doubt = {"warning": "it was trained with another split", "differences": {"recall": worse}}
    lines = comparison_lines(VERDICT | {"champion": champion | doubt})

    assert lines[1].endswith("-0.1 (-0.2 to -0.05), worse")
    assert lines[-1] == "Beware: it was trained with another split."


def test_without_a_comparison_the_metrics_stand_alone_and_why_is_said() -> None:
    alone = {"passed": True, "metrics": {"roc_auc": 0.8488}}
    incomparable = alone | {"champion": {"status": "incomparable", "version": 3, "reason": "it has no column 'plan'"}}

    assert comparison_lines(alone) == ["  roc_auc  0.8488"]
    assert comparison_lines(incomparable)[-1] == "It was not compared with version 3: it has no column 'plan'"


def test_what_the_uploads_were_warned_of_is_in_the_mail() -> None:
    text = mail(VERDICT, WARNING)

    assert f"column 'tenure': expected {WARNING['expected']}, found PSI 1.66" in text


def test_what_the_evaluation_doubts_is_in_the_mail() -> None:
    doubt = {"column": "cancel_date", "expected": "a column that is known before", "found": "blank exactly where"}

    text = mail(VERDICT | {"doubts": [doubt]})

    assert "The evaluation has doubts:" in text
    assert "cancel_date: expected a column that is known before, found blank exactly where" in text


def test_the_owner_that_the_model_file_names_is_named() -> None:
    owned = approval_notice("churn", "churn-1-a", 4, "arn:package/4", VERDICT, 604_800, (), "the retention team").text

    assert owned.splitlines()[1] == "The model's owner: the retention team"
    assert "owner" not in mail(VERDICT)


def test_the_mail_names_accepted_uploads_that_were_left_out_but_not_those_that_a_newer_version_replaced() -> None:
    left_out = [
        {"key": "incoming/churn/may.csv", "version_id": "1", "why": "it was deleted"},
        {"key": "incoming/churn/june.csv", "version_id": "1", "why": REPLACED},
    ]
    text = approval_notice("churn", "churn-1-a", 4, "arn:package/4", VERDICT, 604_800, left_out=left_out).text

    assert "Accepted uploads that were left out:\n  incoming/churn/may.csv: it was deleted\n" in text
    assert "june" not in text


def test_who_sends_refused_words_again_is_told_again_and_of_the_model_that_they_name() -> None:
    first, redelivered, again = (decision_notice(id, "{}", "older", "churn") for id in ("m1", "m1", "m2"))

    assert first.id == redelivered.id != again.id
    assert (first.subject, first.attributes["model"]) == ("churn: decision not followed", "churn")
