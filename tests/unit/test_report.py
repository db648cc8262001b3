"""The report says what evaluation.json says, and nothing else."""

import re

import curves
import numpy as np
import pytest
import report
import report_cells
from weighted import Rows

NUMBER = re.compile(r'<data value="([^"]+)" data-path="([^"]+)">([^<]+)</data>')
RNG = np.random.default_rng(1)
TRUTH = (RNG.random(300) < 0.4).astype(float)
SCORE = np.clip(TRUTH * 0.3 + RNG.random(300) * 0.7, 0, 1)
DIFFERENCE = {
    "champion": 0.81,
    "challenger": 0.83,
    "difference": 0.02,
    "low": 0.01,
    "high": 0.03,
    "better": "challenger",
}


def document(**changes):
    rows = Rows(TRUTH, (SCORE > 0.5).astype(float), SCORE)
    return {
        "model": "churn", "title": "Customer <churn>", "task": "binary_classification", "algorithm": "xgboost",
        "metrics": {"accuracy": 0.81234, "roc_auc": 0.83, "f1": None},
        "confusion": {"true_positives": 40, "false_positives": 5, "false_negatives": 9, "true_negatives": 246},
        "gate": [{"metric": "accuracy", "at_least": 0.75, "value": 0.81234, "passed": True},
                 {"metric": "roc_auc", "not_worse_than_champion": 0.01, "value": 0.02, "passed": True}],
        "verdict": {"outcome": "Passed", "passed": True, "reasons": []},
        "rows": {"train": 1400, "validation": 300, "test": 300},
        "champion": {"status": "scored", "version": 3, "differences": {"roc_auc": DIFFERENCE},
                     "interval": {"level": 0.95, "resamples": 500, "rows": 300, "of": 300, "seed": 7}},
        "slices": [{"column": "plan", "slice": "<b>gold</b>", "rows": 20, "small": True, "positives": 4,
                    "metrics": {"accuracy": 0.7, "recall": None, "roc_auc": 0.6},
                    "champion": {"accuracy": 0.69, "recall": 0.5, "roc_auc": None}}],
        "drift": [{"column": "plan", "psi": 0.4, "moved": True, "limit": 0.25, "chance": 0.1, "missing": 0.02,
                   "missing_before": 0.0}],
        "curves": curves.of_task("binary_classification", rows),
        "importance": [{"column": "plan", "contribution": 0.31}],
        "lineage": {"code_sha256": "c" * 64, "sources": [{"name": "may.csv", "rows": 2000}]},
        "hyperparameters": {"eta": 0.1},
    } | changes  # fmt: skip


def test_every_number_is_that_of_the_evaluation():
    page = report.render(document())
    found = NUMBER.findall(page)

    assert len(found) > 15
    for value, path, shown in found:
        exact = report_cells.at(document(), path)
        assert float(value) == exact
        text = float(shown.replace("&minus;", "-").replace(",", ""))
        assert text == pytest.approx(exact, abs=5e-5, rel=5e-4)


def test_the_page_needs_nothing_but_itself():
    page = report.render(document())

    assert not re.search(r"(src|href|@import|url\(|http:|https:|<script)", page)
    assert 'name="viewport"' in page
    assert "prefers-color-scheme:dark" in page


def test_what_data_says_is_text_and_never_markup():
    page = report.render(document())

    assert "<b>gold</b>" not in page
    assert "Customer &lt;churn&gt;" in page


def test_the_verdict_comes_first_and_reasons_follow():
    reasons = ["accuracy 0.700 is below 0.750"]
    page = report.render(document(verdict={"outcome": "Rejected", "passed": False, "reasons": reasons}))

    assert page.index("Rejected by its gate") < page.index(reasons[0]) < page.index("<section>")


def test_an_evaluation_of_a_number_has_residuals_and_no_confusion():
    truth = RNG.normal(200_000, 50_000, 500)
    said = truth + RNG.normal(0, 9_000, 500)
    changes = {"task": "regression", "metrics": {"rmse": 9000.5}, "confusion": None, "slices": [], "drift": [],
               "importance": [], "champion": {"status": "none", "version": None}, "gate": []}  # fmt: skip
    page = report.render(document(**changes, curves=curves.of_task("regression", Rows(truth, said, said))))

    assert "Residuals" in page
    assert "Confusion" not in page
    assert "nothing to compare with" in page


def test_a_curve_of_many_rows_is_thinned_and_keeps_its_ends():
    truth, score = (RNG.random(100_000) < 0.2).astype(float), RNG.random(100_000)
    points = curves.roc(Rows(truth, truth, score))

    assert len(points) <= curves.POINTS
    assert (points[0], points[-1]) == ([0, 0], [1, 1])
