"""The files of a channel that XGBoost's image reads: all of its folder, and of the folders below it to a depth.

Source: https://github.com/aws/sagemaker-xgboost-container, data_utils.py (get_size, _make_symlinks_from_a_folder)
"""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from localcloud.containers.algorithms.hyperparameters import UserError

MOST_FOLDERS = 3  # the channel's own among them
log = logging.getLogger("sagemaker-xgboost")


def files_of(channel: Path) -> list[Path]:
    """All files that are read, in the order of their names; the log says what lies too deep.

    Raises:
        UserError: there is no such folder, or a hidden file in it, at whatever depth.
    """
    if not channel.exists():
        raise UserError(f"{channel} is not a valid path!")
    found = sorted(path for path in channel.rglob("*") if path.is_file())
    if any(path.name.startswith(".") for path in found):
        raise UserError("Hidden file found in the data path! Remove that before training.")
    read = [path for path in found if len(path.relative_to(channel).parts) <= MOST_FOLDERS]
    if len(read) < len(found):
        log.warning(
            "The depth of folder %s exceed the limit %d. Files in deeper sub dirs won't be loaded."
            " Please adjust the folder structure accordingly.", channel, MOST_FOLDERS,
        )  # fmt: skip
    return read


@contextmanager
def in_one_folder(channel: Path, files: list[Path]) -> Iterator[Path]:
    """A folder that holds ``files`` and no folders, as the library reads one: the channel's own, or one of links."""
    if all(path.is_file() for path in channel.iterdir()):
        yield channel
        return
    with tempfile.TemporaryDirectory(prefix="sagemaker_xgboost_input_data_") as links:
        for number, path in enumerate(files):
            Path(links, f"{number:06d}-{path.name}").symlink_to(path.resolve())
        yield Path(links)
