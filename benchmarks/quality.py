"""``python -m benchmarks.quality FOLDER``: the quality of real files through the whole loop, beside a plain script with
the same algorithm on the very same split.

The folder holds the public files as people publish them; models without a file are left out, and none of the rows is
kept. The plain script is what one writes by hand: pandas, one-hot columns, the same library with the same
hyperparameters. Where rows are for validation it gets them too: to stop by, or, in the last column, to learn from.
"""

import argparse
import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import xgboost as xgb
from app.decide.names.bucket_keys import document_uri
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.metrics import r2_score, roc_auc_score, root_mean_squared_error
from sklearn.neighbors import KNeighborsRegressor

from benchmarks.fresh_cloud import fresh_cloud
from cli.show.follow import snapshots
from cli.stack.publishing import publish
from cli.stack.rows.uploading import outcome, upload
from cli.stack.target import Target
from pipelines.model import model_file
from pipelines.model.model_rules import kind_of

FILES = {
    "churn": "telco_churn.csv", "house-price": "house_prices.csv", "california-housing": "california_housing.csv",
}  # fmt: skip
METRICS = {"churn": "roc_auc", "house-price": "r2", "california-housing": "rmse"}
DEADLINE_S = 900.0
TEST, AS_OF = 2, "2026-01-01"  # a share; the day that years are counted to
Floats = NDArray[np.float64]


class Data(NamedTuple):
    """One-hot features ``(rows, columns)``, answers as they are learnt ``(rows,)``, and which rows are which."""

    inputs: Floats
    answers: Floats
    share: NDArray[np.int8]  # 0 train, 1 validation, 2 test

    def of(self, *shares: int) -> tuple[Floats, Floats]:
        """The rows of some shares."""
        rows = np.isin(self.share, shares)
        return self.inputs[rows], self.answers[rows]


def ours(target: Target, model: str, path: Path) -> tuple[dict[str, float], set[tuple[str, ...]]]:
    """The metric of each algorithm that the loop trained, and the rows that it held out."""
    found = outcome(target, model, upload(target, model, path), deadline_s=DEADLINE_S)
    assert found.run, found.refused
    last = next(
        one.run
        for one in snapshots(target, found.run, deadline_s=DEADLINE_S)
        if one.run.status.final or str(one.run.status) == "Awaiting approval"
    )
    evaluation = json.loads(_read(target, document_uri(last.outputs["evaluation"], "evaluation.json")))
    candidates = evaluation.get("comparison", {}).get("candidates", [evaluation])
    held_out = _held_out(target, model, evaluation["lineage"]["pipeline_execution"])
    return {one["algorithm"]: float(one["metrics"][METRICS[model]]) for one in candidates}, held_out


def _read(target: Target, uri: str) -> str:
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    return str(target.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read().decode())


def _held_out(target: Target, model: str, execution: str) -> set[tuple[str, ...]]:
    bucket = target.outputs()["DataBucketName"]
    prefix = f"pipelines/{model}/{execution}/Preprocess/test/"
    keys = target.client("s3").list_objects_v2(Bucket=bucket, Prefix=prefix)["Contents"]
    files = [one["Key"] for one in keys if one["Key"].endswith(".csv")]
    rows = pd.concat(_texts(_read(target, f"s3://{bucket}/{key}")) for key in files)
    return set(rows[_identity(model_file.load(model_file.path_of(model)))].itertuples(index=False, name=None))


def _texts(source: Any) -> pd.DataFrame:
    text = pd.io.common.StringIO(source) if isinstance(source, str) else source
    return pd.read_csv(text, dtype=str, keep_default_na=False)


def _identity(settings: Mapping[str, Any]) -> list[str]:
    """The columns that tell rows apart."""
    data = settings["data"]
    return [data["id"]] if data["id"] else list(data["columns"])


def prepared(settings: Mapping[str, Any], path: Path, held_out: set[tuple[str, ...]]) -> Data:
    """The file as one would prepare it by hand, with the loop's own held-out rows."""
    raw, share = _texts(path), shares(settings, path)
    mine = set(raw.loc[share == TEST, _identity(settings)].itertuples(index=False, name=None))
    assert mine == held_out, "the split is not the loop's"
    return data_of(settings, path)


def shares(settings: Mapping[str, Any], path: Path) -> NDArray[np.int8]:
    """On which side each row of a file is."""
    sys.path.append(str(model_file.SCRIPTS))
    from data import parts as jobs  # a plain hash, without which the rows for validation are nobody's to know
    from data import tables
    from data.as_of import as_of_day
    from data.column_rules import Settings

    source = tables.Source(path, path.name)
    read = jobs.read_parts([source], Settings.parse(settings, as_of=as_of_day(AS_OF, [source])))
    return np.concatenate([part.share for part in read])


def data_of(settings: Mapping[str, Any], path: Path) -> Data:
    """The file as one would prepare it by hand."""
    raw, data, share = _texts(path), settings["data"], shares(settings, path)
    columns = {name: kind_of(given) for name, given in data["columns"].items()}
    parts = [
        pd.to_numeric(raw[name], errors="coerce") if kind == "number" else pd.get_dummies(raw[name], prefix=name)
        for name, kind in columns.items()
    ]
    inputs = pd.concat(parts, axis=1).to_numpy(dtype=np.float64)
    return Data(inputs, _answers(raw[data["target"]], data), share)


def _answers(texts: "pd.Series[str]", data: Mapping[str, Any]) -> Floats:
    if "positive_label" in data:
        return np.asarray(texts == data["positive_label"], dtype=np.float64)
    numbers = texts.astype(float).to_numpy()
    return np.asarray(np.log(numbers) if data["target_transform"] == "log" else numbers)


def _xgboost(data: Data, given: Mapping[str, Any], learnt: tuple[int, ...]) -> Floats:
    settings = dict(given)
    rounds, patience = settings.pop("num_round"), settings.pop("early_stopping_rounds", None)
    train, watched = (xgb.DMatrix(*data.of(*shares)) for shares in (learnt, (1,)))
    watches = patience is not None and learnt == (0,)
    booster = xgb.train(
        settings, train, rounds if watches or patience is None else rounds // 4, verbose_eval=False,
        evals=[(watched, "validation")] if watches else [], early_stopping_rounds=patience if watches else None,
    )  # fmt: skip
    upto = booster.best_iteration + 1 if watches else 0
    return np.asarray(booster.predict(xgb.DMatrix(data.of(2)[0]), iteration_range=(0, upto)), dtype=np.float64)


def _boosting(data: Data, given: Mapping[str, Any], learnt: tuple[int, ...]) -> Floats:
    model = HistGradientBoostingRegressor(
        max_iter=given["n_estimators"], max_depth=given["max_depth"], learning_rate=given["learning_rate"],
        early_stopping=False, random_state=given["seed"],
    )  # fmt: skip
    return np.asarray(model.fit(*data.of(*learnt)).predict(data.of(2)[0]))


def _neighbours(data: Data, given: Mapping[str, Any], learnt: tuple[int, ...]) -> Floats:
    inputs, answers = data.of(*learnt)
    numbers = [at for at in range(inputs.shape[1]) if len(np.unique(inputs[:, at])) > 2]
    means, scales = np.zeros(inputs.shape[1]), np.ones(inputs.shape[1])
    means[numbers], scales[numbers] = np.nanmean(inputs[:, numbers], axis=0), np.nanstd(inputs[:, numbers], axis=0)
    near, far = (np.nan_to_num((some - means) / scales) for some in (inputs, data.of(2)[0]))
    return np.asarray(KNeighborsRegressor(given["k"]).fit(near, answers).predict(far))


PLAIN: Mapping[str, Callable[[Data, Mapping[str, Any], tuple[int, ...]], Floats]] = {
    "xgboost": _xgboost, "sklearn": _boosting, "knn": _neighbours,
}  # fmt: skip


def measured(settings: Mapping[str, Any], data: Data, said: Floats) -> float:
    """The model's metric of a plain script's answers to the held-out rows."""
    truth = data.of(2)[1]
    if settings["data"]["target_transform"] == "log":
        truth, said = np.exp(truth), np.exp(said)
    score = {"roc_auc": roc_auc_score, "r2": r2_score, "rmse": root_mean_squared_error}[METRICS[settings["name"]]]
    return float(score(truth, said))


def page(target: Target, folder: Path) -> str:
    """The table, as a section of a Markdown page."""
    lines = []
    for model in [name for name, file in FILES.items() if (folder / file).is_file()]:
        publish(target, model, {})
        settings = model_file.load(model_file.path_of(model))
        found, held_out = ours(target, model, folder / FILES[model])
        data = prepared(settings, folder / FILES[model], held_out)
        for one in settings["algorithms"]:
            name = one["name"]
            plain, more = (
                measured(settings, data, PLAIN[name](data, one["hyperparameters"], learnt)) for learnt in ((0,), (0, 1))
            )
            cells = [_shown(found[name]), _shown(plain), f"{found[name] / plain - 1:+.1%}", _shown(more)]
            lines.append(f"| {model} | {name} | {METRICS[model]} | {' | '.join(cells)} |\n")
    return HEAD + "".join(lines)


def _shown(value: float) -> str:
    return f"{value:,.0f}" if value > 1000 else f"{value:.4f}"


def section(folder: Path, before: str) -> str:
    """The section measured on a fresh cloud; without the files, as the page ``before`` has it."""
    if not any((folder / file).is_file() for file in FILES.values()):
        _, title, rest = before.partition(TITLE)
        return title + rest.split("\n## ", 1)[0].rstrip("\n") + "\n" if title else ""
    with fresh_cloud() as (target, _):
        return page(target, folder)


TITLE = "## Quality on real files"
HEAD = f"""{TITLE}

`python -m benchmarks.quality FOLDER` runs three public files through the whole loop, untuned, and a plain script with
the same algorithm, library and hyperparameters on the very same held-out rows: pandas and one-hot columns. The last
column lets the plain script learn from the validation rows too (where early stopping would watch them, with a quarter
of the rounds); house-price has none. Of rmse less is better, of the others more.

| model | algorithm | metric | the loop | plain script | difference | plain, validation rows learnt too |
|---|---|---|---:|---:|---:|---:|
"""


def main() -> None:
    """Print the section."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help=f"where {', '.join(FILES.values())} are")
    print(section(parser.parse_args().folder, ""))


if __name__ == "__main__":
    main()
