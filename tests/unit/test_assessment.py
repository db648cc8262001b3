"""What evaluation looks at beyond the metrics of all rows."""

import numpy as np
from data.holdouts import HeldOut
from evaluation import assessment
from evaluation.rows import Rows


def evidence(folder, columns, slices):
    config = {"data": {"missing": ["?"], "columns": columns}, "slices": slices}
    rows = Rows(np.zeros(3), np.zeros(3), np.zeros(3))
    return assessment.Evidence(config, {}, HeldOut(folder), rows, None, folder, {})


def names(found):
    return {one.name: one.rows for one in found}


def test_a_column_with_marks_of_its_own_has_those_and_not_the_data_sets(tmp_path):
    (tmp_path / "rows.csv").write_text("fence,alley\nNA,NA\n?,?\nwood,gravel\n")
    columns = {"fence": {"kind": "category", "missing": ["NA"]}, "alley": "category"}

    fence, alley = (names(assessment.slices_of(evidence(tmp_path, columns, [name]))) for name in columns)

    assert fence == {"(missing)": 1, "?": 1, "wood": 1}
    assert alley == {"(missing)": 1, "NA": 1, "gravel": 1}


def test_numbers_with_marks_of_their_own_too(tmp_path):
    (tmp_path / "rows.csv").write_text("age\n-1\n20\n40\n")
    columns = {"age": {"kind": "number", "missing": ["-1"]}}

    found = names(assessment.slices_of(evidence(tmp_path, columns, ["age"])))

    assert found["(missing)"] == 1
