"""Is the model good enough? Pack it as it will be deployed, score held-out rows with that very package, and judge.

Reads  model/       the training job's model.tar.gz
       test/        held-out raw rows, with header
       features/    features.json
       config/      the model file as JSON
Writes package/model.tar.gz            what the endpoint will load: model, features, code
       evaluation/evaluation.json      metrics, verdict and reasons
       verification/verification.json  held-out records with the answers that an endpoint must give
"""

import argparse
import csv
import io
import json
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import artifacts
import job
import metrics
import numpy as np
import verdicts
from holdouts import HeldOut, as_csv
from numpy.typing import NDArray
from packages import Package
from refusals import Refused

EXAMPLE = """example, after preprocess.py and a training run:
  python processing_scripts/evaluate.py --model /tmp/trained --test /tmp/prepared/test \\
    --features /tmp/prepared/features --config /tmp/churn.json --output /tmp/evaluated --set AccuracyThreshold 0.75
"""
RECORDS_TO_VERIFY = 20
ALGORITHM_MODEL = "xgboost-model"


class Scored(NamedTuple):
    """Held-out rows with what the package answered; arrays are ``(rows,)``."""

    truth: NDArray[np.bool_]
    predicted: NDArray[np.bool_]
    probability: NDArray[np.float64]


def pack(model_dir: Path, features: Mapping[str, Any], archive: Path, unpacked: Path) -> None:
    """Pack the algorithm's model, the features and the inference code, and unpack the result into ``unpacked``."""
    with tempfile.TemporaryDirectory() as temporary:
        trained = Path(temporary)
        artifacts.unpack(model_dir / "model.tar.gz" if model_dir.is_dir() else model_dir, trained)
        if not (trained / ALGORITHM_MODEL).is_file():
            raise Refused(f"{model_dir}: model.tar.gz holds no {ALGORITHM_MODEL}; was it trained with XGBoost?")
        files = {ALGORITHM_MODEL: (trained / ALGORITHM_MODEL).read_bytes()}
    files["features.json"] = json.dumps(features, sort_keys=True, ensure_ascii=False).encode("utf-8")
    code = artifacts.code_of(Path(__file__).with_name("inference.py"))
    artifacts.pack(files | {f"code/{name}": content for name, content in code.items()}, archive)
    artifacts.unpack(archive, unpacked)


def score(package: Package, test: HeldOut, features: Mapping[str, Any]) -> Scored:
    """Send all rows through the package, as CSV with header, and set its answers beside the truth."""
    positive, target = features["answer"]["positive_label"], test.header.index(features["target"])
    truth: list[bool] = []
    predicted: list[bool] = []
    probability: list[float] = []
    for some, body in test.bodies():
        answer = package.answer(body, "text/csv", "text/csv")
        truth.extend(row[target] == positive for row in some)
        for number, label in csv.reader(io.StringIO(answer, newline="")):
            probability.append(float(number))
            predicted.append(label == positive)
    return Scored(np.array(truth), np.array(predicted), np.array(probability))


def evaluation(scored: Scored, features: Mapping[str, Any], gate: Sequence[verdicts.Limit]) -> dict[str, Any]:
    """Word metrics and verdict as evaluation.json; a metric that is not defined is null.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-model-quality-metrics.html
    """
    found = metrics.binary_classification(*scored)
    plain = {name: metric.value for name, metric in found.items()}
    published = {"auc" if name == "roc_auc" else name: metric for name, metric in found.items()}
    return {
        "model": features["model"],
        "task": features["answer"]["task"],
        "binary_classification_metrics": {
            name: {field: _or_null(value) for field, value in metric._asdict().items()}
            for name, metric in published.items()
        },
        "metrics": {name: _or_null(value) for name, value in plain.items()},
        "confusion": metrics.confusion(scored.truth, scored.predicted)._asdict(),
        "gate": [_limit(limit, plain[limit.metric]) for limit in gate],
        "verdict": verdicts.judge(plain, gate).document(),
        "rows": features["rows"],
    }


def _limit(limit: verdicts.Limit, value: float) -> dict[str, Any]:
    bound = "at_least" if limit.at_least is not None else "at_most"
    return {
        "metric": limit.metric, bound: getattr(limit, bound), "value": _or_null(value),
        "passed": limit.broken_by(value) is None,
    }  # fmt: skip


def _or_null(value: float) -> float | None:
    return None if value != value else value


def verification(package: Package, test: HeldOut, scored: Scored, features: Mapping[str, Any]) -> dict[str, Any]:
    """Choose records from the least to the most probable, and keep what the package answers to them."""
    order = np.argsort(scored.probability, kind="stable")
    chosen = order[np.linspace(0, len(order) - 1, min(RECORDS_TO_VERIFY, len(order))).astype(int)].tolist()
    wanted = set(chosen)
    rows = {at: row for at, row in enumerate(test.rows()) if at in wanted}
    names = [column["name"] for column in features["columns"]]
    places = [test.header.index(name) for name in names]
    records = [as_csv([[rows[at][place] for place in places]]).removesuffix("\n") for at in chosen]
    answer = package.answer("\n".join(records), "text/csv", "application/json")
    predictions = json.loads(answer)["predictions"]
    return {"content_type": "text/csv", "columns": names, "records": records, "predictions": predictions}


def main() -> None:
    """Run on the folders of the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, epilog=EXAMPLE, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    for name in ("model", "test", "features", "config"):
        parser.add_argument(f"--{name}", type=Path, default=job.processing_dir(name), help=f"folder of {name}")
    parser.add_argument("--output", type=Path, default=job.processing_dir(), help="where the outputs' folders go")
    parser.add_argument(
        "--set", nargs=2, action="append", default=[], metavar=("PARAMETER", "VALUE"), dest="parameters",
        help="a limit of the gate, by the name of its pipeline parameter",
    )  # fmt: skip
    options = parser.parse_args()
    config = job.read_json(options.config, "model file")
    features = job.read_json(options.features, "fitted transformer")
    gate = verdicts.gate_from(config["gate"], dict(options.parameters))
    with tempfile.TemporaryDirectory() as temporary:
        pack(options.model, features, options.output / "package" / "model.tar.gz", Path(temporary))
        package = Package(Path(temporary))
        test = HeldOut(options.test)
        scored = score(package, test, features)
        found = evaluation(scored, features, gate)
        job.write_json(
            options.output / "verification" / "verification.json",
            verification(package, test, scored, features),
        )
    job.write_json(options.output / "evaluation" / "evaluation.json", found)
    print(json.dumps({"metrics": found["metrics"], "verdict": found["verdict"]}))


if __name__ == "__main__":
    job.run(main)
