"""Three algorithms with SDK v3 (``--tune``: search each), compared; the best transforms a batch (``--deploy``)."""

import argparse
import json
from uuid import uuid4

import boto3
from data_preparation import prepared
from model_comparison import best
from sagemaker.core import image_uris
from sagemaker.core.helper.session_helper import Session
from sagemaker.core.parameter import ContinuousParameter, IntegerParameter
from sagemaker.core.resources import Model, TrainingJob
from sagemaker.core.shapes import ContainerDefinition
from sagemaker.core.transformer import Transformer
from sagemaker.train import ModelTrainer
from sagemaker.train.configs import Compute, InputData, MetricDefinition, OutputDataConfig, SourceCode
from sagemaker.train.tuner import HyperparameterTuner

parser = argparse.ArgumentParser()
parser.add_argument("--bucket")
parser.add_argument("--tune", action="store_true")
parser.add_argument("--deploy", action="store_true")
arguments = parser.parse_args()
bucket = arguments.bucket
session = Session(default_bucket=bucket)
region = session.boto_region_name
role = boto3.client("iam").get_role(RoleName="AmazonSageMaker-ExecutionRole")["Role"]["Arn"]
s3 = boto3.client("s3")
for name, text in zip(("train", "test", "batch"), prepared(), strict=True):
    s3.put_object(Bucket=bucket, Key=f"three/{name}/{name}.csv", Body=text.encode())

images = {
    "xgboost": image_uris.retrieve("xgboost", region, version="1.5-1"),
    "knn": image_uris.retrieve("knn", region),
    "gbm": image_uris.retrieve("sklearn", region, version="1.2-1"),
}
hyperparameters = {
    "xgboost": {"objective": "reg:squarederror", "max_depth": 4, "eta": 0.2, "subsample": 0.8, "num_round": 30},
    "knn": {"k": 5, "sample_size": 320, "predictor_type": "regressor", "feature_dim": 4},
    "gbm": {"n_estimators": 40, "max_depth": 3, "learning_rate": 0.1},
}
searched = {
    "xgboost": ("validation:rmse", {"eta": ContinuousParameter(0.05, 0.4), "max_depth": IntegerParameter(2, 6)}),
    "knn": ("test:mse", {"k": IntegerParameter(2, 20), "sample_size": IntegerParameter(256, 320)}),
    "gbm": ("test:mse", {"learning_rate": ContinuousParameter(0.02, 0.3), "max_depth": IntegerParameter(2, 5)}),
}
measured = [MetricDefinition(name="test:mse", regex=r"test_mse=([0-9.]+);")]


def channels(name):
    held_out = "validation" if name == "xgboost" else "test"
    places = {"train": f"s3://{bucket}/three/train/", held_out: f"s3://{bucket}/three/test/"}
    return [InputData(channel_name=n, data_source=uri, content_type="text/csv") for n, uri in places.items()]


def trainer(name):
    own = {"source_code": SourceCode(source_dir="scripts", entry_script="sklearn_gbm_script.py")}
    made = ModelTrainer(
        training_image=images[name],
        role=role,
        sagemaker_session=session,
        base_job_name=f"three-{name}",
        compute=Compute(instance_type="ml.m5.xlarge", instance_count=1),
        output_data_config=OutputDataConfig(s3_output_path=f"s3://{bucket}/three/models"),
        hyperparameters=hyperparameters[name],
        **(own if name == "gbm" else {}),
    )
    return made.with_metric_definitions(measured) if name == "gbm" else made


def trained(name):
    """The best training job, and how many there were."""
    metric, ranges = searched[name]
    if not arguments.tune:
        made = trainer(name)
        made.train(input_data_config=channels(name), logs=False)
        return made._latest_training_job.training_job_name, None
    tuner = HyperparameterTuner(
        trainer(name),
        metric,
        ranges,
        objective_type="Minimize",
        max_jobs=3,
        max_parallel_jobs=2,
        metric_definitions=[each.model_dump(by_alias=False) for each in measured] if name == "gbm" else None,
    )
    # The SDK's own names hold the minute: two searches of one minute would meet.
    tuner.tune(inputs=channels(name), job_name=f"three-{name}-{uuid4().hex[:12]}")
    return tuner.best_training_job(), len(tuner.analytics().dataframe())


results, jobs, trials = {}, {}, {}
for name, (metric, _) in searched.items():
    job_name, count = trained(name)
    jobs[name] = TrainingJob.get(job_name)
    if count is not None:
        trials[name] = count
    results[name] = (
        metric, next(each.value for each in jobs[name].final_metric_data_list if each.metric_name == metric)
    )  # fmt: skip

winner = best(results)
answers = None
if arguments.deploy:
    code = {"SAGEMAKER_PROGRAM": "inference.py", "SAGEMAKER_SUBMIT_DIRECTORY": "/opt/ml/model/code"}
    container = ContainerDefinition(
        image=images[winner],
        model_data_url=jobs[winner].model_artifacts.s3_model_artifacts,
        environment=code if winner == "gbm" else {},
    )
    model = Model.create(model_name="three-best", primary_container=container, execution_role_arn=role)
    transformer = Transformer(
        model_name=model.model_name,
        instance_count=1,
        instance_type="ml.m5.xlarge",
        output_path=f"s3://{bucket}/three/answers",
        accept="text/csv",
        sagemaker_session=session,
    )
    transformer.transform(f"s3://{bucket}/three/batch/", content_type="text/csv", split_type="Line", logs=False)
    body = s3.get_object(Bucket=bucket, Key="three/answers/batch.csv.out")["Body"].read().decode()
    answers = len(body.replace(",", " ").split())
    model.delete()
print(json.dumps({"results": results, "trials": trials, "best": winner, "answers": answers}))
