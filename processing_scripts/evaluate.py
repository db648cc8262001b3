"""Evaluate the model: pack it as it will be deployed, score the test rows with that very package, and judge.

Reads  model/       the training job's model.tar.gz
       test/        held-out raw rows, with header
       features/    features.json
       config/      the model file as JSON
       champion-answers/  the live version's predictions for the same rows, and for new ones; may be absent
       train/, validation/  what was learnt from and chosen on, where answers' settings are fitted; else absent
Writes package/model.tar.gz            what the endpoint will load: model, features, code
       evaluation/evaluation.json      metrics, verdict and reasons
       evaluation/report.html          the same for people
       evaluation/profile.json         what the data looked like
       evaluation/quality.json         how well the live version answers rows that it has never seen, by upload
       verification/verification.json  held-out records with the predictions that an endpoint must give
"""

import argparse
import csv
import hashlib
import io
import json
import tempfile
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from artifact import archives, layout
from artifact.packages import Package
from artifact.predictors import LOADERS, predictor_from
from data.holdouts import HeldOut, as_csv, transformed
from evaluation import answer_fitting, assessment, metrics, verdicts
from evaluation.over_time import serving
from evaluation.rows import Rows, order_of
from features.features import Features, features_from
from job import command_line, world
from job.refusals import Refused
from report import page

EXAMPLE = """example, after preprocess.py and a training run:
  python processing_scripts/evaluate.py --model /tmp/trained --test /tmp/prepared/test \\
    --features /tmp/prepared/features --config /tmp/churn.json --output /tmp/evaluated --set AccuracyThreshold 0.75
"""
CHUNK = 1 << 20  # bytes
RECORDS_TO_VERIFY = 20
Predict = Callable[[list[str], list[int]], list[dict[str, Any]]]
"""Records (CSV lines) and their row numbers among all test rows, to predictions."""


@dataclass(frozen=True)
class Scored:
    """The scored test rows, and the model that scored them: None where only its predictions are known."""

    rows: Rows
    model: Any
    predict: Predict


def trained_in(model_dir: Path) -> dict[str, bytes]:
    """Read the algorithm's model file from model.tar.gz: its name, and its content.

    Raises:
        Refused: when there is none.
    """
    with tempfile.TemporaryDirectory() as temporary:
        trained = Path(temporary)
        archives.unpack(model_dir / "model.tar.gz" if model_dir.is_dir() else model_dir, trained)
        names = [name for name in LOADERS if (trained / name).is_file()]
        if not names:
            raise Refused(f"{model_dir}: model.tar.gz holds no {' or '.join(LOADERS)}; what trained it?")
        return {names[0]: (trained / names[0]).read_bytes()}


def pack(trained: Mapping[str, bytes], documents: Mapping[str, Any], archive: Path, unpacked: Path) -> None:
    """Pack the algorithm's model, JSON documents and inference code, and unpack the result into ``unpacked``."""
    files = dict(trained)
    for name, document in documents.items():
        files[name] = json.dumps(document, sort_keys=True, ensure_ascii=False).encode("utf-8")
    archives.pack(files | archives.code_of(Path(__file__).with_name(layout.INFERENCE)), archive)
    archives.unpack(archive, unpacked)


def with_fitted_answer(
    fitted: dict[str, Any], settings: Mapping[str, Any], trained: Mapping[str, bytes], options: argparse.Namespace
) -> dict[str, Any]:
    """Replace the answer settings of features.json by those that the model file has fitted or set."""
    answer, rows = features_from(fitted).answer, None
    if answer_fitting.wants_fitting(settings, answer):
        used = settings["algorithms"][0]["hyperparameters"] | {
            name: value_of(text) for name, text in options.hyperparameters
        }
        with tempfile.TemporaryDirectory() as temporary:
            for name, content in trained.items():
                (Path(temporary) / name).write_bytes(content)
            predictor = predictor_from(Path(temporary))
        alone = not settings["data"].get("group") and not settings.get("split", {}).get("by")
        rows = answer_fitting.unseen(predictor, options.train, options.validation, used, alone=alone)
    return fitted | {"answer": answer_fitting.fitted(answer, settings, rows).document()}


def fingerprint(archive: Path) -> dict[str, str]:
    """The SHA-256 of the package that was scored, for those who deploy it; nothing where there is none."""
    if not archive.is_file():
        return {}
    digest = hashlib.sha256()
    with archive.open("rb") as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
    return {"package_sha256": digest.hexdigest()}


def learnt_in(folder: Path) -> dict[str, Any]:
    """Read which rows were learnt from; a preprocessing script of one's own may not say."""
    path = folder / layout.LEARNT
    return {layout.LEARNT: world.read_json(path, "keys of learnt rows")} if path.is_file() else {}


def score_package(package: Package, test: HeldOut, features: Features) -> Scored:
    """Score the test rows with the very package that will be deployed."""

    def predict(records: list[str], _rows: list[int]) -> list[dict[str, Any]]:
        response = package.answer("\n".join(records), "text/csv", "application/json")
        predictions: list[dict[str, Any]] = json.loads(response)["predictions"]
        return predictions

    return Scored(collect_scores(score_holdout(package, test), test, features), package.model, predict)


def score_transform(folder: Path, test: HeldOut, features: Features) -> Scored:
    """Take a batch transform's predictions from ``folder``: a model in a closed container cannot be loaded."""
    lines = list(transformed(folder))

    def predict(_records: list[str], rows: list[int]) -> list[dict[str, Any]]:
        return [features.answer.read(next(csv.reader([lines[row]]))) for row in rows]

    return Scored(collect_scores([(list(test.rows()), "".join(lines))], test, features), None, predict)


def score_holdout(package: Package, test: HeldOut) -> Iterator[tuple[list[list[str]], str]]:
    """Send all test rows through the package in chunks: rows, and their predictions as CSV."""
    for chunk, body in test.bodies():
        yield chunk, package.answer(body, "text/csv", "text/csv")


def collect_scores(chunks: Iterable[tuple[list[list[str]], str]], test: HeldOut, features: Features) -> Rows:
    """Combine actual targets and predictions; each chunk has rows and their predictions as CSV.

    Raises:
        Refused: when there are not as many predictions as rows.
    """
    target, answer = test.header.index(features.target), features.answer
    actual, predicted, score = array("d"), array("d"), array("d")
    for rows, text in chunks:
        actual.extend(answer.encode(row[target].strip()) for row in rows)
        for fields in csv.reader(io.StringIO(text, newline="")):
            score.extend(answer.scores(fields))
            predicted.append(answer.encode(fields[-1]))  # the label, or again the value
    if len(actual) != len(predicted):
        raise Refused(f"{len(actual)} held-out rows have {len(predicted)} predictions")
    scores = np.array(score)
    by_class = scores.reshape(len(actual), -1) if len(scores) > len(actual) else scores
    return Rows(np.array(actual), np.array(predicted), by_class)


def verification(scored: Scored, test: HeldOut, features: Features) -> dict[str, Any]:
    """Choose records from the lowest to the highest score, with the predictions that an endpoint must give them.

    Of several classes, from the first to the last label, and of each from the least to the most probable.
    """
    order = order_of(scored.rows)
    count = min(RECORDS_TO_VERIFY, len(order))
    chosen = order[np.linspace(0, len(order) - 1, count).astype(int)].tolist()
    kept = set(chosen)
    rows = {at: row for at, row in enumerate(test.rows()) if at in kept}
    columns = [test.header.index(name) for name in features.names]
    records = [as_csv([[rows[at][column] for column in columns]]).removesuffix("\n") for at in chosen]
    return {
        "content_type": "text/csv", "columns": list(features.names), "records": records,
        "predictions": scored.predict(records, chosen),
    }  # fmt: skip


def serving_quality(options: argparse.Namespace, settings: Mapping[str, Any], features: Features) -> dict[str, Any]:
    """Read how well the version that serves answered the new rows; measure it where nobody did who asked it."""
    path = options.champion_answers / serving.QUALITY
    if path.is_file():
        quality: dict[str, Any] = world.read_json(path, "quality of what serves")
        return quality
    return serving.of_answers(options.champion_answers, options.test, settings, features, assessment.SEED)


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = command_line.parser(__doc__, EXAMPLE)
    names = ("model", "test", "features", "config", "champion_answers", "train", "validation")
    command_line.add_folders(parser, **{name: f"folder of {name}" for name in names})
    parser.add_argument("--predictions", type=Path, help="folder of a batch transform's answers, in place of a model")
    parser.add_argument("--algorithm", help="which of the model file's algorithms this is; the first")
    command_line.add_pairs(
        parser, "--set", "PARAMETER", "parameters", "a limit of the gate, by the name of its pipeline parameter"
    )
    command_line.add_pairs(
        parser, "--hyperparameter", "NAME", "hyperparameters",
        "one that the run set or tuning found, in the place of the model file's",
    )  # fmt: skip
    return parser.parse_args()


def value_of(text: str) -> float | str:
    """Parse a hyperparameter's value as a model file would have it: a number where it is one."""
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


def settings_of(options: argparse.Namespace) -> dict[str, Any]:
    """Read the model file, of its algorithms only the one that is evaluated.

    Raises:
        Refused: when the model file has no such algorithm.
    """
    config: dict[str, Any] = world.read_json(options.config, "model file")
    algorithms = {algorithm["name"]: algorithm for algorithm in config["algorithms"]}
    name = options.algorithm or next(iter(algorithms))
    if name not in algorithms:
        raise Refused(f"--algorithm {name}: the model file has no such algorithm, only {', '.join(algorithms)}")
    return config | {"algorithms": [algorithms[name]]}


def main() -> None:
    """Run on the folders of the command line."""
    options = arguments()
    settings, test = settings_of(options), HeldOut(options.test)
    fitted = world.read_json(options.features / layout.FEATURES, "fitted transformer")
    profile, features = assessment.profile_in(options.features), features_from(fitted)
    gate = verdicts.gate_from(settings["gate"], dict(options.parameters), metrics.of_task(settings["task"]))
    with tempfile.TemporaryDirectory() as temporary:
        if options.predictions:
            scored = score_transform(options.predictions, test, features)
        else:
            trained = trained_in(options.model)
            fitted = with_fitted_answer(fitted, settings, trained, options)
            features = features_from(fitted)
            documents = {layout.FEATURES: fitted, layout.PROFILE: profile} | learnt_in(options.features)
            pack(trained, documents, options.output / "package" / "model.tar.gz", Path(temporary))
            scored = score_package(Package(Path(temporary)), test, features)
        evidence = assessment.Evidence(
            settings, fitted, test, scored.rows, scored.model, options.champion_answers, profile,
            {name: value_of(text) for name, text in options.hyperparameters},
        )  # fmt: skip
        evaluation = assessment.evaluation(evidence, gate) | fingerprint(options.output / "package" / "model.tar.gz")
        record = verification(scored, test, features)
    evaluation["serving"] = serving_quality(options, settings, features)
    world.write_json(options.output / "verification" / "verification.json", record)
    folder = options.output / "evaluation"
    world.write_json(folder / "evaluation.json", evaluation)
    world.write_json(folder / layout.PROFILE, profile)
    world.write_json(folder / serving.QUALITY, evaluation["serving"])
    (folder / "report.html").write_text(page.render(evaluation), "utf-8")
    print(json.dumps({"metrics": evaluation["metrics"], "verdict": evaluation["verdict"]}))


if __name__ == "__main__":
    world.run(main)
