"""Train, look at the curve, attach, tune, deploy and transform the best: each job by hand, as in a notebook."""

import json

import numpy as np
import sagemaker
from sagemaker.estimator import Estimator
from sagemaker.inputs import TrainingInput
from sagemaker.serializers import CSVSerializer
from sagemaker.tuner import ContinuousParameter, HyperparameterTuner, IntegerParameter

session = sagemaker.Session()
bucket = session.default_bucket()
rng = np.random.default_rng(0)
features = rng.normal(size=(300, 4))
target = features @ [1.0, 2.0, 3.0, 4.0] + rng.normal(size=300) * 0.1


def csv(rows):
    return "\n".join(",".join(f"{value:.5f}" for value in row) for row in rows)


rows = np.column_stack([target, features])
channels = {}
for name, part in (("train", rows[:200]), ("validation", rows[200:])):
    uri = session.upload_string_as_file_body(csv(part), bucket, f"by-hand/{name}/{name}.csv")
    channels[name] = TrainingInput(uri.rpartition("/")[0] + "/", content_type="text/csv")

estimator = Estimator(
    image_uri=sagemaker.image_uris.retrieve("xgboost", session.boto_region_name, version="1.7-1"),
    instance_count=1,
    instance_type="ml.m5.large",
    output_path=f"s3://{bucket}/by-hand/models",
    sagemaker_session=session,
)
estimator.set_hyperparameters(objective="reg:squarederror", num_round=20)
estimator.fit(channels, logs=["Training"])
curve = estimator.training_job_analytics.dataframe()
attached = Estimator.attach(estimator.latest_training_job.name, sagemaker_session=session)

tuner = HyperparameterTuner(
    estimator,
    "validation:rmse",
    {"eta": ContinuousParameter(0.05, 0.5), "max_depth": IntegerParameter(2, 6)},
    objective_type="Minimize",
    max_jobs=3,
    max_parallel_jobs=2,
)
tuner.fit(channels)
again = HyperparameterTuner.attach(tuner.latest_tuning_job.name, sagemaker_session=session)
trials = again.analytics().dataframe()
best = again.best_estimator()

predictor = best.deploy(initial_instance_count=1, instance_type="ml.m5.large", serializer=CSVSerializer())
answers = [float(text) for text in predictor.predict(features[200:205]).decode().split(",")]
predictor.delete_model()
predictor.delete_endpoint()

transformer = best.transformer(1, "ml.m5.large", output_path=f"s3://{bucket}/by-hand/answers")
batch = session.upload_string_as_file_body(csv(features[200:205]), bucket, "by-hand/batch/batch.csv")
transformer.transform(batch, content_type="text/csv", split_type="Line", logs=False)
lines = session.read_s3_file(bucket, "by-hand/answers/batch.csv.out").split()

print(
    json.dumps(
        {
            "curve": {name: len(values) for name, values in curve.groupby("metric_name")["value"]},
            "attached": attached.model_data == estimator.model_data,
            "hyperparameters": attached.hyperparameters(),
            "trials": len(trials),
            "best": tuner.best_training_job() == trials.sort_values("FinalObjectiveValue").iloc[0]["TrainingJobName"],
            "model": best.model_data,
            "answers": np.allclose(answers, [float(line) for line in lines], atol=1e-4),
            "right": np.allclose(answers, target[200:205], atol=3.0),
        },
        default=bool,
    )
)
