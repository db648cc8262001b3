"""What a reviewer reads in the mail: this version beside the one that serves, and what the data was warned of."""

from typing import Any

from app.decide.notifications import approval_notice, comparison_lines

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
        "Both on the same 897 held-out rows; what is not called better or worse may be chance.",
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
