"""A draft of a model as the text of its file: YAML with comments. Pure."""

from cli.guess.proposed_model import Draft
from cli.guess.yaml_words import plain, quoted
from pipelines.model import model_file
from pipelines.model.metric_rules import metrics_of

LEARNING = {  # objective, what is watched, rounds where few rows leave none to watch, the gate's metric and its limit
    "binary_classification": ("binary:logistic", "logloss", 300, "roc_auc", 0.6),
    "multiclass_classification": ("multi:softprob", "mlogloss", 300, "roc_auc_ovr", 0.6),
    "regression": ("reg:squarederror", "rmse", 800, "r2", 0.3),
}
DECISION = "decision: {threshold: chosen, aim: f1} # at 0.5 a rare answer would hardly ever be said"
SINCE, OF = {"years": "since"}, "of"  # a moment: names of what is derived of one


def text(name: str, draft: Draft, source: str) -> str:
    """The model file."""
    parts = [
        f"# A first guess by `retrain new` from {source}: read it, and correct what you know better.",
        f"# `retrain check {name}` explains what is wrong with it; models/model.schema.json says what each key means.",
        f"name: {name}",
        f"title: {name.replace('-', ' ').capitalize()}",
        f"task: {draft.task}",
        "",
        *_data(draft),
        "",
        *_split(name, draft),
        "",
        *_algorithms(draft.task, draft.few),
        "",
        *gate(draft.task),
        *(["", DECISION] if draft.rare else []),
        *(["", f"slices: [{', '.join(plain(column) for column in draft.slices)}]"] if draft.slices else []),
        "",
        "instances: {processing: ml.m5.xlarge, processing_count: 1, training: ml.m5.xlarge}",
        "",
        "approval: {mode: manual, deadline_s: 604800} # seven days",
        "",
        "deployment: {mode: realtime, instance_type: ml.m5.large, instance_count: 1}",
    ]
    return "\n".join(parts) + "\n"


def _data(draft: Draft) -> list[str]:
    lines = ["data:", f"  target: {plain(draft.target)}"]
    if draft.task == "multiclass_classification":
        lines += [f"  classes: {quoted(draft.labels)} # all that the target may say"]
    elif draft.labels:
        lines += [f"  positive_label: {quoted(draft.labels[0])}", f"  negative_label: {quoted(draft.labels[1])}"]
    lines += ["  target_transform: log # learnt as its logarithm, answered in its own unit"] if draft.log else []
    lines += [f"  id: {plain(draft.id)} # of one id the newest upload's row counts"] if draft.id else []
    lines += [f"  group: [{plain(draft.group)}] # rows of one stay on one side of the split"] if draft.group else []
    lines += [f"  missing: {quoted(draft.missing)}"] if draft.missing else []
    lines += ["  without_target: drop"] if draft.drops else []
    lines += ["  mode: append # uploads add up; snapshot: each is the whole data set"]
    lines += ["  columns: # the endpoint takes records in this order"]
    for one in draft.features:
        more = "".join(f", {key}: {quoted(value)}" for key, value in one.rule.items())
        lines.append(f"    {plain(one.name)}: {f'{{kind: {one.kind}{more}}}' if more else one.kind}")
    return lines + _derived(draft)


def _derived(draft: Draft) -> list[str]:
    rules = [
        f"    {plain(f'{part} {SINCE.get(part, OF)} {one.name}')}: {{from: {quoted(one.name)}, as: {part}}}"
        for one in draft.features
        if one.kind == "date"
        for part in one.parts
    ]
    return ["  derived:", *rules] if rules else []


def _split(name: str, draft: Draft) -> list[str]:
    """Without an id a row is known by all but its answer: one that is corrected later then stays on its side."""
    end = f"salt: {name}}}" if draft.id or draft.group else f"salt: {name}, row: features}}"
    if not draft.few:
        return [f"split: {{train: 0.7, validation: 0.15, test: 0.15, {end}"]
    return [
        "preprocessing: {one_hot_levels: 10} # categories of few levels as 0/1 columns",
        "",
        f"split: {{train: 0.85, validation: 0, test: 0.15, {end} # few rows: none to spare for validation",
    ]


def _algorithms(task: str, few: bool) -> list[str]:
    objective, watched, rounds, *_ = LEARNING[task]
    learning = [
        "num_round: 3000 # at most: validation rows end it",
        "early_stopping_rounds: 50",
        "max_depth: 4",
        "eta: 0.08",
    ]
    if few:
        learning = [f"num_round: {rounds}", "max_depth: 3", "eta: 0.05"]
    return [
        "algorithms:",
        "  - name: xgboost",
        "    hyperparameters:",
        f"      objective: {objective}",
        f"      eval_metric: {watched}",
        *(f"      {one}" for one in learning),
        "      subsample: 0.8",
        "      colsample_bytree: 0.8",
        "      min_child_weight: 3",
        "      tree_method: hist",
        "      seed: 7",
    ]


def gate(task: str) -> list[str]:
    """Write the limits of a first model file: one of the metric's own, and one against the champion."""
    *_, name, limit = LEARNING[task]
    metric = metrics_of(model_file.schema(), task)[name]
    return [
        "gate: # raise the limit once you know what is good",
        f"  - {{metric: {name}, {metric.bound}: {limit}, parameter: {metric.parameter}}}",
        f"  - {{metric: {name}, not_worse_than_champion: {{tolerance: 0.02, sure: true}}}} # chance included",
    ]
