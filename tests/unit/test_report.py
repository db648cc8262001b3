"""The report says what evaluation.json says, and nothing else."""

import re

import numpy as np
import pytest
from evaluation import curves
from evaluation.rows import Rows
from report import cells, facts_section, page
from sample_evaluation import CANDIDATES, document

from cli.show import version_report

NUMBER = re.compile(r'<data value="([^"]+)" data-path="([^"]+)">([^<]+)</data>')
RNG = np.random.default_rng(1)


def test_every_number_is_that_of_the_evaluation():
    html = page.render(document())
    found = NUMBER.findall(html)

    assert len(found) > 15
    for value, path, shown in found:
        exact = cells.value_at(document(), path)
        assert float(value) == exact
        text = float(shown.replace("&minus;", "-").replace(",", "").removesuffix("%"))
        assert text == pytest.approx(exact * 100 if shown.endswith("%") else exact, abs=5e-5, rel=5e-4)


def test_doubts_are_in_the_verdict_and_in_words():
    doubt = {"column": "<cancel>", "expected": "a column that is known before", "found": "blank exactly where"}

    html = page.render(document(doubts=[doubt]))

    assert "doubts about &lt;cancel&gt;" in html[: html.index("</header>")]
    assert "<td>&lt;cancel&gt;</td><td>a column that is known before</td><td>blank exactly where</td>" in html


def test_rows_that_do_not_count_and_the_cut_in_time_are_said():
    lost = {"repeated_id": {"rows": 1600, "told": "1,600 of 2,000 rows do not count: <why>"},
            "superseded": {"rows": 5, "told": "5 of 2,000 rows do not count: newer"}}  # fmt: skip
    cut = {"by": "day", "train_from": "2024-01-01", "test_from": "2026-01-01", "newest": "2026-03-01"}

    html = page.render(document(not_counted=lost, cut=cut))

    assert "1,600 rows do not count" in html[: html.index("</header>")]
    assert "1,600 of 2,000 rows do not count: &lt;why&gt;" in html
    assert "Split by time, by day: train from 2024-01-01, test from 2026-01-01 to 2026-03-01." in html


def test_a_squared_error_of_dollars_is_no_wider_than_a_phone():
    html = page.render(document(metrics={"mse": 2076542273.4, "rmse": 45569.1}, champion={"status": "none"}))

    assert 'data-path="metrics.mse">2.077e9<' in html
    assert 'data-path="metrics.rmse">45,569<' in html


def test_the_page_needs_nothing_but_itself():
    html = page.render(document())
    policy = f'<meta http-equiv="Content-Security-Policy" content="{page.POLICY}">'

    assert policy in html
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert not re.search(r"(src|href|@import|url\(|http:|https:|<script| style=| on\w+=)", html.replace(policy, ""))
    assert 'name="viewport"' in html
    assert "prefers-color-scheme:dark" in html


def test_what_data_says_is_text_and_never_markup():
    html = page.render(document())

    assert "<b>gold</b>" not in html
    assert "Customer &lt;churn&gt;" in html


def test_nothing_in_a_page_hides_or_moves_what_stands_around_it():
    level = {"column": "plan", "slice": "\u202e\x1b[2J\u200b", "rows": 60, "small": False, "metrics": {"accuracy": 0.5}}
    html = page.render(document(slices=[level], verdict={"outcome": "Passed", "passed": True, "reasons": ["a\u2028b"]}))

    assert r"\u202e\x1b[2J\u200b" in html
    assert r"a\u2028b" in html
    assert html.replace("\n", "").isprintable()


def test_the_verdict_comes_first_and_reasons_follow():
    reasons = ["accuracy 0.700 is below 0.750"]
    html = page.render(document(verdict={"outcome": "Rejected", "passed": False, "reasons": reasons}))

    assert html.index("Rejected by its gate") < html.index(reasons[0]) < html.index("<section>")


def test_an_evaluation_of_a_number_has_residuals_and_no_confusion():
    truth = RNG.normal(200_000, 50_000, 500)
    said = truth + RNG.normal(0, 9_000, 500)
    changes = {"task": "regression", "metrics": {"rmse": 9000.5}, "confusion": None, "slices": [], "drift": [],
               "importance": [], "champion": {"status": "none", "version": None}, "gate": []}  # fmt: skip
    html = page.render(document(**changes, curves=curves.of_task("regression", Rows(truth, said, said))))

    assert "Residuals" in html
    assert "Confusion" not in html
    assert "nothing to compare with" in html


def test_a_curve_of_many_rows_is_thinned_and_keeps_its_ends():
    truth, score = (RNG.random(100_000) < 0.2).astype(float), RNG.random(100_000)
    points = curves.roc(Rows(truth, truth, score))

    assert len(points) <= curves.POINTS
    assert (points[0], points[-1]) == ([0, 0], [1, 1])


def test_what_the_uploads_were_warned_of_is_on_the_page_and_said_at_the_top():
    html = page.render(document())

    head, checks = html.split("</header>")[0], html.split("<h2>Data checks</h2>")[1]
    assert "Look at the data: 1 warning about the uploads; plan drifted." in head
    assert "&lt;tenure&gt;" in checks
    assert "<td>PSI up to 0.25</td><td>PSI 0.41 in 2000 rows<br>" in checks
    assert "may.csv" in checks


def test_hyperparameters_are_those_of_the_run_with_the_model_files_beside_where_they_differ():
    html = page.render(document())

    assert "<th>eta</th><td>0.1</td>" in html
    assert '<th>max_depth</th><td>5 <span class="quiet">model file: 4</span></td>' in html


def test_the_algorithm_is_named_and_one_that_won_is_shown_beside_the_others():
    alone = page.render(document())
    comparison = {"metric": "roc_auc", "better": "higher", "winner": "sklearn", "candidates": CANDIDATES}
    won = page.render(document(algorithm="sklearn", comparison=comparison))

    assert "Trained with XGBoost." in alone
    assert "side by side" not in alone
    assert "scikit-learn gradient boosting is the best of 2 algorithms by ROC-AUC." in won
    assert 'data-path="comparison.candidates.1.metrics.roc_auc">0.8300<' in won
    assert 'XGBoost <span class="tag">gate not passed</span>' in won
    assert "Hyperparameters of scikit-learn gradient boosting" in won


@pytest.mark.parametrize("champion", [None, {"status": "none", "version": None}], ids=["scored", "none"])
def test_each_metric_that_is_defined_has_its_interval_beside_it(champion):
    html = page.render(document(**({"champion": champion} if champion else {})))

    for name, low, high in (("accuracy", "0.7651", "0.8567"), ("roc_auc", "0.7912", "0.8688")):
        (beside,) = re.findall(rf'data-path="metrics.{name}">[^<]+</data><span class="range">(.*?)</span>', html)
        assert re.sub("<[^>]+>", "", beside) == f"{low} to {high}"
    assert 'data-path="metric_details.f1' not in html
    assert "95% intervals by bootstrap" in html


def test_what_is_better_low_says_so():
    html = page.render(document(metrics={"brier": 0.13, "accuracy": 0.8}, champion={"status": "none"}))

    assert 'Brier score<span class="range">lower is better</span>' in html
    assert html.count("lower is better") == 1


def test_a_metric_of_another_release_is_shown_by_its_own_name():
    html = page.render(document(metrics={"lift<1>": 1.8}, champion={"status": "none"}, gate=[]))

    assert "<td>lift&lt;1&gt;</td>" in html


def test_the_page_speaks_of_predicted_and_actual_and_names_the_labels():
    html = page.render(document())
    text = re.sub("<style>.*?</style>|<[^>]+>", " ", html)

    assert "predicted probability" in text
    assert "observed frequency" in text
    assert "&lt;leaves&gt;" in html
    assert not re.search(r"\b(said|true(?! positive)|held out|moves its answers|drawn)\b", text)
    assert re.search(r"Rows:\s+1,400\s+train,\s+300\s+validation,\s+300\s+test\.", text)


def test_a_slice_limit_says_on_which_side_a_slice_is_too_bad():
    gate = [{"metric": metric, "slice_limit": 0.5, "value": 0.4, "passed": True} for metric in ("rmse", "accuracy")]
    html = page.render(document(gate=gate))

    above, below = (re.sub("<[^>]+>", "", cell) for cell in re.findall(r"<td>(\S+ of no slice .*?)</td>", html))
    assert (above, below) == ("RMSE of no slice above 0.5000", "accuracy of no slice below 0.5000")


def test_a_limit_that_a_run_loosened_says_what_the_model_file_says():
    gate = [{"metric": "accuracy", "at_least": 0.5, "loosened_from": 0.75, "value": 0.6, "passed": True},
            {"metric": "recall", "at_least": 0.5, "value": 0.6, "passed": True}]  # fmt: skip
    html = page.render(document(gate=gate))

    loosened, kept = (re.sub("<[^>]+>", "", cell) for cell in re.findall(r"<td>(\S+ at least .*?)</td>", html))
    assert loosened == "accuracy at least 0.5000; looser: the model file says 0.7500"
    assert kept == "recall at least 0.5000"


def test_whoever_knows_the_run_writes_it_into_the_page():
    html = version_report.with_run(page.render(document()), {"run": "churn-1-<a>"})

    assert "<tr><th>run</th><td><code>churn-1-&lt;a&gt;</code></td></tr>" in html
    assert version_report.PLACE == facts_section.RUN
    assert facts_section.RUN not in html


def test_the_owner_stands_beside_the_models_name_where_there_is_one():
    owned = page.render(document(owner="the <retention> team"))

    assert "churn · owner: the &lt;retention&gt; team</p>" in owned
    assert "owner" not in page.render(document())


def serving(*values, **more):
    """What serves, measured on an upload for each value."""
    windows = [
        {"id": f"upload-{at}", "start": f"2026-05-0{at}T08:00:00Z", "end": f"2026-05-0{at}T08:00:00Z", "rows": 300,
         "uploads": [f"incoming/churn/<{at}>.csv"], "of": at, "slices": [], "mean_predicted": 0.25, "mean_actual": 0.5,
         "metrics": {"roc_auc": {"value": value, "low": value - 0.0625, "high": value + 0.0625}}}
        for at, value in enumerate(values, 1)
    ]  # fmt: skip
    return {"version": 3, "metric": "roc_auc", "known": 0, "beyond": 0, "windows": windows} | more


def test_what_serves_is_shown_upload_by_upload_and_drawn_as_a_line():
    html = page.render(document(serving=serving(0.84375, 0.75, known=12)))
    part = html.split("<h2>What serves, on new rows, by upload: version 3</h2>")[1].split("</section>")[0]

    assert 'data-path="serving.windows.1.metrics.roc_auc.value">0.7500<' in part
    assert "&lt;1&gt;.csv<" in part
    assert "&lt;2&gt;.csv and 1 more<" in part
    assert 'aria-label="ROC-AUC of what serves, by upload"' in part
    assert '<data value="12" data-path="serving.known">12</data> rows stood in an upload before.' in part


def test_one_window_is_no_line_and_none_says_why():
    one = page.render(document(serving=serving(0.84375, warning="asked of a sample")))
    none = page.render(document(serving=serving(reason="it does not say <which> uploads")))

    assert "by upload: version 3" in one
    assert "of what serves, by upload" not in one
    assert "Beware: asked of a sample." in one
    assert "Nothing was measured: it does not say &lt;which&gt; uploads." in none
    assert "by upload" not in page.render(document(serving=serving()))
    assert "by upload" not in page.render(document(serving=serving(version=None)))
