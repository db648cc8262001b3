"""``python -m benchmarks.quality_tables [FOLDER]``: metrics of what the jobs train, beside plain scripts, over several
seeds, so that the noise of a split is known.

Real files, where FOLDER has them, go through the jobs' own scripts with the project's model files, another salt for
each seed, beside the plain script of ``benchmarks.quality``. Made-up tables (customers of several rows, days, classes)
are made anew for each seed, with the model file that `retrain new` writes, beside scikit-learn's gradient boosting on
the very same sides. Each difference is of one split, so its deviation over the seeds is the noise.
"""

import argparse
import copy
import csv
import datetime
import json
import math
import random
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from statistics import fmean, stdev
from typing import Any, NamedTuple

import pandas as pd
from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.metrics import accuracy_score, r2_score, roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

from benchmarks import quality
from benchmarks.aims import Aim, Part
from benchmarks.processes import cost
from benchmarks.scale import TRAINING
from cli.guess import first_model_file, model_text
from pipelines.definition.algorithms import of_task
from pipelines.model import model_file

SEEDS = range(4)
ROWS = 3_000
DEVIATIONS = 2.0  # of the mean difference over the seeds, by which the jobs may be worse
LOWER = frozenset({"rmse"})
Rows = list[list[Any]]


class Table(NamedTuple):
    """A made-up table: its columns, its rows for a seed, what is predicted, and what the model file says besides."""

    header: list[str]
    rows: Callable[[random.Random], Rows]
    metric: str
    split: Mapping[str, str] = {}


def customers(rng: random.Random) -> Rows:
    """Months of customers; what a customer is like decides more than the month."""
    made = []
    for customer in range(ROWS // 5):
        age, plan = rng.randint(18, 80), rng.choice(["basic", "gold", "trial"])
        leaning = (age - 50) / 20 + (plan == "trial") + rng.gauss(0, 1)
        for month in range(1, 6):
            spent = round(rng.gauss(50 - 8 * leaning, 15), 2)
            made.append([f"C{customer:05}", month, age, plan, spent, "yes" if leaning + rng.gauss(0, 1) > 1 else "no"])
    rng.shuffle(made)
    return made


def days(rng: random.Random) -> Rows:
    """What is sold on a day: a season, a weekday, a price, and a level that wanders."""
    made, level = [], 0.0
    for at in range(ROWS // 2):
        day, level = datetime.date(2021, 1, 1) + datetime.timedelta(at), level + rng.gauss(0, 0.3)
        for shop in "ab":
            price = round(rng.uniform(1, 3), 2)
            sold = 60 + 15 * math.sin(day.month / 2) + 8 * (day.weekday() > 4) - 9 * price + level + rng.gauss(0, 4)
            made.append([day.isoformat(), shop, price, round(sold, 2)])
    return made


def kinds(rng: random.Random) -> Rows:
    """Pieces of three grades, told apart in part."""
    made = []
    for _ in range(ROWS):
        grade, line = rng.choice(["low", "middle", "high"]), rng.choice("abcd")
        middle = {"low": 0, "middle": 1.2, "high": 2}[grade] + 0.5 * (line == "c")
        made.append([round(rng.gauss(middle, 1), 3), round(rng.gauss(-middle / 2, 1), 3), line, grade])
    return made


TABLES = {
    "customers": Table(["customer", "month", "age", "plan", "spent", "leaves"], customers, "roc_auc"),
    "days": Table(["day", "shop", "price", "sold"], days, "r2", {"by": "day"}),
    "classes": Table(["width", "height", "line", "grade"], kinds, "accuracy"),
}


def through_jobs(settings: Mapping[str, Any], data: Path, folder: Path) -> dict[str, float]:
    """Preprocess, train an XGBoost, evaluate: the metrics."""
    config, base = folder / "model.json", folder / "ml"
    settings = {**settings, "gate": [], "algorithms": settings["algorithms"][:1]}
    config.write_text(json.dumps(settings))
    alike = {"SAGEMAKER_BASE_DIR": str(base)}
    (folder / "input").mkdir()
    (folder / "input" / "data.csv").write_bytes(data.read_bytes())
    prepared = base / "processing"
    cost(sys.executable, "processing_scripts/preprocess.py", "--input", folder / "input", "--config", config,
         "--output", prepared, "--set", "AsOfDate", quality.AS_OF, **alike)  # fmt: skip
    _train(settings, base)
    said = cost(sys.executable, "processing_scripts/evaluate.py", "--config", config, "--model", base / "packed",
                "--test", prepared / "test", "--features", prepared / "features", "--train", prepared / "train",
                "--validation", prepared / "validation", "--output", folder / "evaluated", **alike).said  # fmt: skip
    metrics: dict[str, float] = json.loads(said.strip().splitlines()[-1])["metrics"]
    return metrics


def _train(settings: Mapping[str, Any], base: Path) -> None:
    """Train as the XGBoost container does, and pack what it leaves."""
    (algorithm,) = settings["algorithms"]
    used = {name: str(value) for name, value in algorithm["hyperparameters"].items()} | of_task("xgboost", settings)
    shares = [share for share in ("train", "validation") if settings["split"][share]]
    channel = {"ContentType": "text/csv", "TrainingInputMode": "File", "S3DistributionType": "FullyReplicated"}
    (base / "input" / "config").mkdir(parents=True)
    (base / "input" / "data").mkdir()
    (base / "model").mkdir()
    for share in shares:
        (base / "input" / "data" / share).symlink_to(base / "processing" / share)
    documents = {"hyperparameters": used, "inputdataconfig": dict.fromkeys(shares, channel)}
    for name, document in documents.items():
        (base / "input" / "config" / f"{name}.json").write_text(json.dumps(document))
    cost(sys.executable, "-c", TRAINING, SAGEMAKER_BASE_DIR=str(base))
    (base / "packed").mkdir()
    cost("tar", "-czf", base / "packed" / "model.tar.gz", "-C", base / "model", "xgboost-model")


def of_real(model: str, file: Path, seed: int, folder: Path) -> tuple[float, float]:
    """The metric of a real file by the jobs, and by the plain script."""
    settings = copy.deepcopy(dict(model_file.load(model_file.path_of(model))))
    settings["split"] = {**settings["split"], "salt": f"seed {seed}"}
    data = quality.data_of(settings, file)
    (one, *_) = settings["algorithms"]
    plain = quality.measured(settings, data, quality.PLAIN["xgboost"](data, one["hyperparameters"], (0,)))
    return through_jobs(settings, file, folder)[quality.METRICS[model]], plain


def of_table(name: str, seed: int, folder: Path) -> tuple[float, float]:
    """The metric of a made-up table by the jobs with what `retrain new` writes, and by scikit-learn."""
    table = TABLES[name]
    rows, file = table.rows(random.Random(seed)), folder / f"{name}.csv"
    with file.open("w", newline="") as opened:
        csv.writer(opened).writerows([table.header, *rows])
    draft, _ = first_model_file.draft_of(file, table.header[-1])
    written = folder / f"{name}.yaml"
    written.write_text(model_text.text(name, draft, file.name))
    settings = dict(model_file.load(written))
    settings["split"] = {**settings["split"], "salt": f"seed {seed}", **table.split}
    frame = pd.DataFrame(rows, columns=table.header)
    plain = _scikit_learn(settings, frame, quality.shares(settings, file), table.metric)
    return through_jobs(settings, file, folder)[table.metric], plain


def _scikit_learn(settings: Mapping[str, Any], frame: pd.DataFrame, share: Any, metric: str) -> float:
    """Gradient boosting on one-hot columns of all rows that are not held out, as one writes it by hand."""
    answers = frame.pop(settings["data"]["target"])
    if "day" in frame:
        day = pd.to_datetime(frame["day"])
        frame = frame.assign(day=day.astype("int64"), month=day.dt.month, weekday=day.dt.weekday)
    frame = frame.drop(columns=settings["data"].get("group", []))
    texts = [name for name in frame if not pd.api.types.is_numeric_dtype(frame[name])]
    encoder = OneHotEncoder(handle_unknown="ignore", sparse_output=False)
    regression = settings["task"] == "regression"
    kind = HistGradientBoostingRegressor if regression else HistGradientBoostingClassifier
    columns = make_column_transformer((encoder, texts), remainder="passthrough")
    model = make_pipeline(columns, kind(random_state=7)).fit(frame[share < 2], answers[share < 2])
    test, truth = frame[share == 2], answers[share == 2]
    if metric == "roc_auc":
        return float(roc_auc_score(truth == "yes", model.predict_proba(test)[:, 1]))
    return float({"r2": r2_score, "accuracy": accuracy_score}[metric](truth, model.predict(test)))


def line(name: str, metric: str, pairs: list[tuple[float, float]]) -> tuple[str, Aim]:
    """A table's line, and its aim: not worse by more than the noise."""
    ours, plain = ([pair[side] for pair in pairs] for side in (0, 1))
    better = [(one - other) * (-1 if metric in LOWER else 1) for one, other in pairs]
    noise = stdev(better) / math.sqrt(len(better))
    cells = [f"{fmean(one):,.4g} ± {stdev(one):.2g}" for one in (ours, plain)]
    shown = f"| {name} | {metric} | {' | '.join(cells)} | {fmean(better):+.3g} ± {noise:.2g} |\n"
    return shown, Aim(
        f"{name}: worse than the plain script, beside its noise", max(-fmean(better), 0), DEVIATIONS * noise
    )


def part(folder: Path) -> Part:
    """All tables; real files where there are some."""
    files = {model: folder / file for model, file in quality.FILES.items() if (folder / file).is_file()}
    made: list[tuple[str, Aim]] = []
    for name, metric in [
        *((model, quality.METRICS[model]) for model in files),
        *((n, t.metric) for n, t in TABLES.items()),
    ]:
        pairs = []
        for seed in SEEDS:
            with tempfile.TemporaryDirectory() as temporary:
                into = Path(temporary)
                pairs.append(of_real(name, files[name], seed, into) if name in files else of_table(name, seed, into))
        made.append(line(name, metric, pairs))
    return Part(HEAD + "".join(shown for shown, _ in made), tuple(aim for _, aim in made))


HEAD = f"""## Quality over several seeds

`python -m benchmarks.quality_tables FOLDER` sends tables through the jobs' scripts, each {len(SEEDS)} times: real files
with the project's model files (XGBoost) and another split for each seed, beside the plain script of the section before
with the same hyperparameters and rows; made-up tables with what `retrain new` writes, beside scikit-learn's gradient
boosting with its own settings, which learns from the validation rows, too: customers of five rows each (a group), days
(split by time), and three classes. Behind ± stands the deviation over the seeds, of the difference that of its mean;
above 0 the jobs are better.

| table | metric | the jobs | plain script | better by |
|---|---|---:|---:|---:|
"""


def main() -> None:
    """Print the section."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?", default=Path("/nowhere"), help="where the real files are")
    print(part(parser.parse_args().folder).whole())


if __name__ == "__main__":
    main()
