"""What of a channel's folder XGBoost's image reads: every file, folders below included, to a depth."""

import logging
from pathlib import Path

import pytest

from localcloud.containers.algorithms.hyperparameters import UserError
from localcloud.containers.algorithms.xgboost_training import load

ROWS = "1,2.5,3\n0,1.5,4\n"


def channel(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = folder / "train" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder / "train"


@pytest.mark.parametrize(
    ("files", "rows"),
    [
        ({"a.csv": ROWS}, 2),
        ({"a.csv": ROWS, "b.csv": ROWS}, 4),
        ({"deep/er/a.csv": ROWS}, 2),
        ({"a.csv": ROWS, "train_dense/a.csv": ROWS, "train_dense/more/a.csv": ROWS}, 6),
    ],
)
def test_every_file_is_read_and_those_in_folders_below_it(tmp_path: Path, files: dict[str, str], rows: int) -> None:
    matrix = load(channel(tmp_path, files), "csv", weighted=False)

    assert (matrix.num_row(), matrix.num_col()) == (rows, 2)


def test_a_second_table_of_more_columns_below_the_first_makes_one_of_both(tmp_path: Path) -> None:
    matrix = load(channel(tmp_path, {"a.csv": ROWS, "wide/a.csv": "1,2,3,4,5\n"}), "csv", weighted=False)

    assert (matrix.num_row(), matrix.num_col()) == (3, 4)


def test_files_below_the_third_folder_are_left_out_and_the_log_says_so(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)

    matrix = load(channel(tmp_path, {"a.csv": ROWS, "one/two/three/a.csv": ROWS}), "csv", weighted=False)

    assert matrix.num_row() == 2
    assert "exceed the limit 3. Files in deeper sub dirs won't be loaded." in caplog.text


def test_a_hidden_file_is_refused_in_the_images_words(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="Hidden file found in the data path! Remove that before training"):
        load(channel(tmp_path, {"a.csv": ROWS, "below/.part": "x"}), "csv", weighted=False)


def test_a_channel_without_a_byte_is_no_data(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="No data in train channel path"):
        load(channel(tmp_path, {"a.csv": "", "below/b.csv": ""}), "csv", weighted=False)
