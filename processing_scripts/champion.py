"""Score the champion: the live version's predictions for this run's held-out rows, and for the new rows of uploads
that it has never seen, made in its own image.

Reads  champion/       the champion's model.tar.gz; anything else means that there is no champion
       test/           held-out raw rows, with header; in new/ those that are new in their upload
       joint-answers/  of a champion that is an inference pipeline: its batch transform's predictions for the same
                       rows, held-out ones by themselves, and status.json, whether they did; absent where nobody could
                       ask them
       features/       features.json of this run: how true answers are read
       config/         the model file as JSON: by which metrics, and in which slices
Writes champion-answers/champion.json     "none", "scored", or "incomparable" and why
       champion-answers/predictions.csv   one line per held-out row: what its own inference.py answers as text/csv
       champion-answers/profile.json      the profile of the data that it was trained on, where it carries one, and
       champion-answers/learnt.json       which rows it learnt from
       champion-answers/new/              its predictions for new rows, which rows those are, and why not all of them
       champion-answers/quality.json      how well it answers them, by upload

Of an inference pipeline (an algorithm that cannot carry our code, between two containers of ours) a job is given the
first container, which only prepares numbers. All of them together predict in a batch transform before this step; its
predictions are taken as they are.

A pipeline cannot go on behind a condition whether or not its branch was taken, so this step always runs, beside
training; without a champion it ends at once. A champion that cannot read today's rows is a finding, not a failure.

Source: https://github.com/aws/sagemaker-python-sdk/issues/3565
"""

import argparse
import itertools
import json
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from artifact import archives, layout
from artifact.packages import Package
from data import holdouts, new_rows
from data.splitting.sides import learnt_from
from evaluation import assessment
from evaluation.over_time import serving
from features.features import features_from
from job import command_line, world
from job.refusals import Refused

ANSWERS = "champion-answers"
NOBODY_ASKS = "several containers answer together, and this pipeline asks only versions of one"
EXAMPLE = """example, with the model.tar.gz of an earlier run:
  python processing_scripts/champion.py --champion /tmp/old --test /tmp/prepared/test \\
    --features /tmp/prepared/features --config /tmp/churn.json --output /tmp/scored --version 3
"""


def score(
    archive: Path, test: holdouts.HeldOut, transformed: Path, folder: Path, new: new_rows.NewRows | None = None
) -> dict[str, Any]:
    """Write the champion's predictions to ``folder``, and return its status: scored, or incomparable and why."""
    with tempfile.TemporaryDirectory() as temporary:
        unpacked = Path(temporary)
        try:
            archives.unpack(archive, unpacked)
            _keep_data(unpacked, folder)
            answer = _answer(unpacked)
            is_inference_pipeline = (unpacked / layout.CODE / layout.FIRST_STAGE).is_file()
            predictions = _from_transform(transformed) if is_inference_pipeline else _from_package(unpacked, test)
            with (folder / "predictions.csv").open("w", encoding="utf-8", newline="") as file:
                file.writelines(predictions)
            if new is not None:
                champion = _Answering(unpacked, transformed if is_inference_pipeline else None)
                world.write_json(folder / new_rows.FOLDER / new_rows.LISTING, _answer_new(champion, new, folder))
        except Refused as refused:
            return {"status": "incomparable", "reason": str(refused), "reason_untold": refused.untold}
    return {"status": "scored"} | answer


class _Answering(NamedTuple):
    """Who answers: the package by itself, or what a batch transform left."""

    unpacked: Path
    transformed: Path | None


def _answer_new(champion: _Answering, new: new_rows.NewRows, folder: Path) -> dict[str, Any]:
    """Write the predictions for rows that the champion has never seen, and say why they are not all.

    Its predictions for held-out rows stand, whatever it makes of these.
    """
    into = folder / new_rows.FOLDER
    into.mkdir(parents=True, exist_ok=True)
    profile, learnt = (_known(folder / name) for name in (layout.PROFILE, layout.LEARNT))
    which, why = new_rows.unseen(new, profile, learnt_from(learnt))
    np.save(into / new_rows.WHICH, np.flatnonzero(which))
    try:
        with (into / "predictions.csv").open("w", encoding="utf-8", newline="") as file:
            if champion.transformed is None:
                package = Package(champion.unpacked)
                file.writelines(package.answer(body, "text/csv", "text/csv") for _, body in new.bodies(which))
            elif which.any():
                lines = holdouts.transformed(champion.transformed, holdouts.NEW)
                file.writelines(itertools.compress(lines, which.tolist()))
    except Refused as refused:
        return {"status": "unanswered", "reason": str(refused), "reason_untold": refused.untold}
    return {"status": "answered", "rows": int(which.sum())} | ({"reason": why} if why else {})


def _known(path: Path) -> dict[str, Any]:
    return world.read_json(path, "what the champion carries") if path.is_file() else {}


def _from_package(unpacked: Path, test: holdouts.HeldOut) -> Iterator[str]:
    package = Package(unpacked)
    return (package.answer(body, "text/csv", "text/csv") for _, body in test.bodies())


def _from_transform(transformed: Path) -> Iterator[str]:
    """Read the batch transform's predictions.

    Raises:
        Refused: when there are none, with the reason that whoever started it gives.
    """
    path = transformed / "status.json"
    status = world.read_json(path, "status of the batch transform") if path.is_file() else {"reason": NOBODY_ASKS}
    if status.get("status") != "answered":
        raise Refused(status["reason"])
    return holdouts.transformed(transformed)


def _keep_data(unpacked: Path, folder: Path) -> None:
    for name in (layout.PROFILE, layout.LEARNT):
        if (unpacked / name).is_file():
            shutil.copyfile(unpacked / name, folder / name)


def _answer(unpacked: Path) -> dict[str, Any]:
    """Read what its predictions mean; nothing of a release that says it otherwise."""
    path = unpacked / layout.FEATURES
    features = world.read_json(path, "fitted transformer") if path.is_file() else {}
    if "answer" not in features:
        return {}
    return {"answer": features["answer"] | {"target": features["target"]}}


def _quality(options: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """Measure its answers for new rows."""
    config = world.read_json(options.config, "model file")
    features = features_from(world.read_json(options.features / layout.FEATURES, "fitted transformer"))
    return serving.of_answers(folder, options.test, config, features, assessment.SEED)


def main() -> None:
    """Run on the folders of the command line."""
    parser = command_line.parser(__doc__, EXAMPLE)
    command_line.add_folders(
        parser, champion="folder of the champion's archive", test="folder of held-out rows",
        joint_answers="folder of a batch transform's answers, where several containers answer; may be absent",
        features="folder of this run's features", config="the model file as JSON; without it nothing is measured",
    )  # fmt: skip
    parser.add_argument("--version", type=int, default=0, help="the champion's version; 0: there is none")
    options = parser.parse_args()
    folder = options.output / ANSWERS
    folder.mkdir(parents=True, exist_ok=True)
    candidates = sorted(options.champion.rglob("*.tar.gz"))
    outcome: dict[str, Any] = {"status": "none"}
    if options.version and candidates:
        new = new_rows.NewRows(options.test / new_rows.FOLDER)
        outcome = score(candidates[0], holdouts.HeldOut(options.test), options.joint_answers, folder, new)
    world.write_json(folder / "champion.json", outcome | {"version": options.version or None})
    if options.config.exists():
        world.write_json(folder / serving.QUALITY, _quality(options, folder))
    print(json.dumps({name: text for name, text in outcome.items() if name != "reason"}))  # which may quote rows


if __name__ == "__main__":
    world.run(main)
