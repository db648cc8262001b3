"""Model files: checked in words, with the line."""

import own_models
import pytest
import yaml
from spoilt import line_of, places, problems_of, spoilt

from pipelines.model import model_file


@pytest.mark.parametrize("name", model_file.names())
def test_every_model_of_the_project_is_good(name):
    assert model_file.problems(model_file.path_of(name)) == []


def test_defaults_are_filled_in_and_order_is_kept():
    model, written = own_models.load("churn"), yaml.safe_load(own_models.path_of("churn").read_text())

    assert model["preprocessing"] == {"script": "preprocess.py", "split": None, "one_hot_levels": 0}
    assert model["data"]["without_target"] == "refuse"
    assert list(model["data"]["columns"]) == list(written["data"]["columns"])


@pytest.mark.parametrize(
    ("old", "new", "where", "words"),
    [
        ("  target: Churn", "  targt: Churn", "data.targt", "unknown key; did you mean 'target'?"),
        ("task: binary_classification", "task: binary_clasification", "task", "did you mean 'binary_classification'?"),
        ('positive_label: "Yes"', "positive_label: Yes", "data.positive_label", "true is not text; put it in quotes"),
        ("tenure: number", "tenure: numeric", "data.columns.tenure", "did you mean 'number'?"),
        ("  id: customerID", "  id: Churn", "data.id", "'Churn' is the target too"),
        ("    gender: category", "    Churn: category", "data.columns.Churn", "the model would see the answer"),
        ("metric: accuracy", "metric: rmse", "gate[0].metric", "binary_classification has no metric 'rmse'"),
        ("metric: accuracy", "metric: brier", "gate[0].at_least", "lower is better; write at_most: 0.75"),
        ("at_least: 0.75", "at_least: 75", "gate[0].at_least", "choose a fraction from 0 to 1"),
        ("at_least: 0.75", "at_least: 0.75, at_most: 0.5", "gate[0]", "exactly one of"),
        ("train: 0.7", "train: 0.9", "split", "sum to 1.2; make them sum to 1"),
        ("eta: 0.08", "eta: 8", "algorithms[0].hyperparameters.eta", "at least 0 and at most 1"),
        ("max_depth: 4", "max_dept: 4", "algorithms[0].hyperparameters.max_dept", "did you mean 'max_depth'?"),
        ("num_round: 400", "num_round: many", "algorithms[0].hyperparameters.num_round", "is not a whole number"),
        ("name: churn", "name: chrun", "name", "'chrun' is not the file's name"),
        ("spot: true", "preprocessing: {script: prepare.py}", "preprocessing.script", "did you mean 'preprocess"),
        ("deadline_s: 604800", "deadline_s: soon", "approval.deadline_s", "'soon' is not a whole number"),
        ("deadline_s: 604800", "needed: 2", "approval.needed", "name their addresses: reviewers"),
        ("deadline_s: 604800", "not_by: starter", "approval.not_by", "name their addresses: reviewers"),
        ("deadline_s: 604800", "reviewers: [a@b.c], needed: 2", "approval.needed", "there are 1 reviewers"),
        ("deadline_s: 604800", "reviewers: [a@b.c, A@b.c]", "approval.reviewers[1]", "'A@b.c' is there twice"),
        ("deadline_s: 604800", "reviewers: [a@b.c, A+2@b.c]", "approval.reviewers[1]", "'A+2@b.c' reaches a@b.c"),
        ("deadline_s: 604800", "reviewers: [a@b.c, d@b.c], needed: 2, not_by: starter", "approval.not_by",
         "name one reviewer more"),
        ("deadline_s: 604800", "reviewers: [Ada]", "approval.reviewers[0]", "'Ada'"),
    ],
)  # fmt: skip
def test_a_bad_model_file_is_told_line_problem_and_remedy(tmp_path, old, new, where, words):
    told = problems_of(tmp_path, "churn", (old, new))

    assert places(told, words) == [(line_of("churn", old), where)], told


@pytest.mark.parametrize(
    ("old", "new", "where", "name"),
    [
        ("slice_limit: {", "no_slice_below: {", "gate[2].no_slice_below", "slice_limit"),
        ("processing_count: 1,", "processing_count: 1, larger: {above_mb: 9, training: ml.m5.large},",
         "instances.larger", "large_data"),
        ("processing_count: 1,", "processing_count: 1, large_data: {above_mb: 9, training: ml.m5.large},",
         "instances.large_data.above_mb", "over_mb"),
    ],
)  # fmt: skip
def test_a_former_name_is_refused_with_todays(tmp_path, old, new, where, name):
    (problem,) = problems_of(tmp_path, "churn", (old, new))

    assert (problem.where, problem.problem) == (where, "unknown key")
    assert problem.remedy == f"it is called {name!r} now"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("name: [", "not YAML"),
        ("- a\n- b\n", "not a mapping"),
        ("", "not a mapping"),
        ("name: a\nname: b\n", "'name' is there twice; keep one"),
        ("name: a\n---\nname: b\n", "line 2: not YAML: but found another document"),
        ("name: a\0b", "line 1: not YAML: unacceptable character"),
        ("name: a\nowner: !!python/object/apply:os.system [x]", "line 2: not YAML: could not determine a constructor"),
        ("name: a\nowner: !Ref b", "line 2: not YAML: could not determine a constructor for the tag '!Ref'"),
        ("name: a\n? [b]\n: c", "line 2: not YAML: found unhashable key"),
        ("name: a\nowner: 2026-02-30", "line 2: not YAML: '2026-02-30' is no timestamp"),
        ("name: a\nowner: !!int b", "line 2: not YAML: 'b' is no int"),
        ("name: a\nowner: !!bool b", "line 2: not YAML: 'b' is no bool"),
        ("name: a\nowner: !!timestamp b", "line 2: not YAML: 'b' is no timestamp"),
        ("name: " + "9" * 5000, f"line 1: not YAML: '{'9' * 40}' is no int"),
        ("name: 0x" + "f" * 5000, f"line 1: not YAML: '0x{'f' * 38}' is no int"),
        ("name: a\nowner: 1" + ":1" * 3000, f"line 2: not YAML: '{'1:' * 20}' is no int"),
        ("name: 1" + ":1" * 400_000, f"line 1: not YAML: '{'1:' * 20}' is no int"),
        ("name: 1" + ":1" * 400 + ".5", f"line 1: not YAML: '{'1:' * 20}' is no float"),
        ("name: a\nowner: !!int ''", "line 2: not YAML: '' is no int"),
        ("name: a\nowner: !!float _", "line 2: not YAML: '_' is no float"),
        ('name: a\nowner: "\\UFFFFFFFF"', "line 2: not YAML: nothing that YAML reads"),
        ('name: a\nowner: "\\U00110000"', "line 2: not YAML: nothing that YAML reads"),
        ('name: a\nowner: "\\ud800"', "line 2: not YAML: '\\ud800' is no str"),
        (f"%YAML 1.{'9' * 5000}\n---\nname: a", "line 1: not YAML: nothing that YAML reads"),
    ],
)
def test_what_is_no_model_file_at_all_is_told_so(tmp_path, text, words):
    path = tmp_path / "m.yaml"
    path.write_text(text)

    (problem,) = model_file.problems(path)

    assert words in str(problem)
    assert str(problem).isprintable()


TEN_TIMES = "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 9))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a0: &a0 [x]\n" + TEN_TIMES, "more than 50,000 values"),  # a hundred million, of 400 characters
        ("a: &a [*a]", "*a stands within itself"),
        ("a: " + "[" * 3000 + "]" * 3000, "nested more than 50 deep"),
        ("a: " + "x" * 10_000_000, "more than 1,000,000 characters"),
        ("a: [" + "1, " * 100_000 + "1]", "more than 50,000 values"),
    ],
    ids=["bomb of aliases", "alias in itself", "deep", "long", "many"],
)
def test_a_text_that_stands_for_more_than_a_model_is_refused_before_it_is_read(tmp_path, text, words):
    path = tmp_path / "m.yaml"
    path.write_text(text)

    (problem,) = model_file.problems(path)

    assert problem.problem == words


def test_an_anchor_and_its_alias_mean_what_yaml_says(tmp_path):
    path = spoilt(tmp_path, "churn", ("name: churn", "name: &who churn"), ("owner: the retention team", "owner: *who"))

    assert model_file.load(path)["owner"] == "churn"


def test_a_model_that_does_not_exist_is_answered_with_those_that_do(tmp_path):
    (problem,) = model_file.problems(tmp_path / "nope.yaml")

    assert "no file nope.yaml" in str(problem)
    assert "churn" in problem.remedy


def test_loading_a_bad_file_says_all_that_is_wrong(tmp_path):
    path = spoilt(tmp_path, "churn", ("spot: true", "spoot: true"), ("eta: 0.08", "eta: 8"))

    with pytest.raises(model_file.BadModelFile) as bad:
        model_file.load(path)

    assert [problem.where for problem in bad.value.problems] == ["algorithms[0].hyperparameters.eta", "spoot"]
