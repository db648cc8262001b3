"""Packages side by side in one process: each answers with its own code, and ours stays ours."""

import json
import sys

import features
import joblib
import numpy as np
import pytest
from artifact import archives, layout
from artifact.answers import ValueAnswer
from artifact.packages import Package
from features.features import Features, NumberColumn
from job.refusals import Refused
from sklearn.linear_model import LinearRegression

from pipelines.model import model_file

RECORDS = "rooms\n2\n3\n"
FLAT = {  # as artifacts were laid out before their modules lay in rooms: one folder of modules beside inference.py
    "inference.py": """
import json
from pathlib import Path

import answers
from features import Features
from refusals import Refused


def model_fn(model_dir):
    known = json.loads((Path(model_dir) / "features.json").read_text())
    if known["format"] != 1:
        raise Refused(f"features.json has format {known['format']}; this code reads format 1")
    return Features(known["factor"])


def transform_fn(model, body, content_type, accept):
    import records  # only when it is asked

    return answers.text(model.numbers(records.fields(body))), accept
""",
    "features.py": """
class Features:
    def __init__(self, factor):
        self.factor = factor

    def numbers(self, fields):
        return [self.factor * float(field) for field in fields]
""",
    "answers.py": """
def text(numbers):
    return "".join(f"{number:g}\\n" for number in numbers)
""",
    "records.py": """
def fields(body):
    return body.split()[1:]
""",
    "refusals.py": """
class Refused(Exception):
    pass
""",
}


def flat(folder, factor, version=1):
    (folder / "code").mkdir(parents=True)
    for name, text in FLAT.items():
        (folder / "code" / name).write_text(text)
    (folder / "features.json").write_text(json.dumps({"format": version, "factor": factor}))
    return folder


def todays(folder):
    fitted = Features("m", (NumberColumn("rooms"),), ValueAnswer(), "y", None, (), {})
    for name, content in archives.code_of(model_file.SCRIPTS / layout.INFERENCE).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    (folder / layout.FEATURES).write_text(json.dumps(fitted.document()))
    model = LinearRegression().fit(np.array([[0.0], [1.0]]), np.array([5.0, 6.0]))
    joblib.dump(model, folder / "model.joblib")
    return folder


def ask(package):
    return [round(float(answer), 6) for answer in package.answer(RECORDS, "text/csv", "text/csv").split()]


def test_a_champion_of_the_flat_layout_and_todays_package_answer_side_by_side(tmp_path):
    first, today, second = flat(tmp_path / "first", 10), todays(tmp_path / "today"), flat(tmp_path / "second", 100)

    packages = [Package(first), Package(today), Package(second)]

    for _ in range(2):
        assert [ask(package) for package in packages] == [[20, 30], [7, 8], [200, 300]]


def test_our_own_modules_stay_as_they_are(tmp_path):
    modules, path = dict(sys.modules), list(sys.path)

    packages = [Package(flat(tmp_path / "first", 10)), Package(todays(tmp_path / "today"))]
    answers = [ask(package) for package in packages]

    assert all(answers)
    ours = {"answers", "features", "inference", "records", "refusals", "artifact", "data", "job"}
    now = {name: module for name, module in sys.modules.items() if name.partition(".")[0] in ours}
    assert now == {name: module for name, module in modules.items() if name.partition(".")[0] in ours}
    assert sys.modules["features"] is features
    assert sys.path == path


def test_what_a_packages_own_code_refuses_is_refused_here(tmp_path):
    with pytest.raises(Refused, match="format 9; this code reads format 1"):
        Package(flat(tmp_path, 10, version=9))

    assert sys.modules["features"] is features


def test_a_package_without_code_is_refused(tmp_path):
    (tmp_path / "code").mkdir()

    with pytest.raises(Refused, match=r"holds no code/inference\.py"):
        Package(tmp_path)
