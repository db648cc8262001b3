"""Train three algorithms (``--tune``: search each), compare them, transform a batch with the best (``--deploy``)."""

import argparse
import json
from uuid import uuid4

import sagemaker
from data_preparation import prepared
from model_comparison import best
from sagemaker.estimator import Estimator
from sagemaker.inputs import TrainingInput
from sagemaker.sklearn import SKLearn
from sagemaker.tuner import ContinuousParameter, HyperparameterTuner, IntegerParameter

parser = argparse.ArgumentParser()
parser.add_argument("--bucket")
parser.add_argument("--tune", action="store_true")
parser.add_argument("--deploy", action="store_true")
arguments = parser.parse_args()
session = sagemaker.Session(default_bucket=arguments.bucket)
bucket, region = session.default_bucket(), session.boto_region_name
train, test, batch = prepared()
uris = {
    name: session.upload_string_as_file_body(text, bucket, f"three/{name}/{name}.csv")
    for name, text in (("train", train), ("test", test), ("batch", batch))
}
output = f"s3://{bucket}/three/models"
machine = {"instance_count": 1, "instance_type": "ml.m5.xlarge", "sagemaker_session": session}


def channel(name):
    return TrainingInput(uris[name].rpartition("/")[0] + "/", content_type="text/csv")


xgb_image = sagemaker.image_uris.retrieve("xgboost", region, version="1.5-1")
knn_image = sagemaker.image_uris.retrieve("knn", region)
estimators = {
    "xgboost": Estimator(xgb_image, output_path=output, **machine),
    "knn": Estimator(knn_image, output_path=output, **machine),
    "gbm": SKLearn(
        entry_point="sklearn_gbm_script.py",
        source_dir="scripts",
        framework_version="1.2-1",
        output_path=output,
        metric_definitions=[{"Name": "test:mse", "Regex": "test_mse=([0-9.]+);"}],
        **machine,
    ),
}
estimators["xgboost"].set_hyperparameters(
    objective="reg:squarederror", max_depth=4, eta=0.2, subsample=0.8, colsample_bytree=0.9, num_round=30
)
estimators["knn"].set_hyperparameters(k=5, sample_size=320, predictor_type="regressor", feature_dim=4)
estimators["gbm"].set_hyperparameters(n_estimators=40, max_depth=3, learning_rate=0.1)
channels = {
    "xgboost": {"train": channel("train"), "validation": channel("test")},
    "knn": {"train": channel("train"), "test": channel("test")},
    "gbm": {"train": channel("train"), "test": channel("test")},
}
searched = {
    "xgboost": ("validation:rmse", {"eta": ContinuousParameter(0.05, 0.4), "max_depth": IntegerParameter(2, 6)}),
    "knn": ("test:mse", {"k": IntegerParameter(2, 20), "sample_size": IntegerParameter(256, 320)}),
    "gbm": ("test:mse", {"learning_rate": ContinuousParameter(0.02, 0.3), "max_depth": IntegerParameter(2, 5)}),
}

results, models, trials = {}, {}, {}
for name, estimator in estimators.items():
    metric, ranges = searched[name]
    if arguments.tune:
        own = {"metric_definitions": estimator.metric_definitions} if name == "gbm" else {}
        tuner = HyperparameterTuner(
            estimator, metric, ranges, objective_type="Minimize", max_jobs=3, max_parallel_jobs=2, **own
        )
        # The SDK's own names hold the minute: two searches of one minute would meet.
        tuner.fit(channels[name], job_name=f"three-{name}-{uuid4().hex[:12]}")
        job, trials[name] = tuner.best_training_job(), len(tuner.analytics().dataframe())
        models[name] = tuner.best_estimator()
    else:
        estimator.fit(channels[name], logs=False)
        job, models[name] = estimator.latest_training_job.name, estimator
    measured = session.describe_training_job(job)["FinalMetricDataList"]
    results[name] = (metric, next(each["Value"] for each in measured if each["MetricName"] == metric))

winner = best(results)
answers = None
if arguments.deploy:
    transformer = models[winner].transformer(
        1, "ml.m5.xlarge", output_path=f"s3://{bucket}/three/answers", accept="text/csv"
    )
    transformer.transform(uris["batch"], content_type="text/csv", split_type="Line", logs=False)
    answers = len(session.read_s3_file(bucket, "three/answers/batch.csv.out").replace(",", " ").split())
print(json.dumps({"results": results, "trials": trials, "best": winner, "answers": answers}))
