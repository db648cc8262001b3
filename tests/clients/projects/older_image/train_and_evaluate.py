"""Train with XGBoost's image 1.2-2, evaluate its pickled model with a script, and let an endpoint answer with it."""

import json

import numpy as np
import sagemaker
from sagemaker.estimator import Estimator
from sagemaker.inputs import TrainingInput
from sagemaker.processing import ProcessingInput, ProcessingOutput, ScriptProcessor
from sagemaker.serializers import CSVSerializer

session = sagemaker.Session()
bucket = session.default_bucket()
rng = np.random.default_rng(0)
features = rng.uniform(size=(200, 3))
rows = np.column_stack([features.sum(axis=1), features])
text = "\n".join(",".join(f"{value:.5f}" for value in row) for row in rows)
train = session.upload_string_as_file_body(text, bucket, "older/train/train.csv")
test = session.upload_string_as_file_body(text, bucket, "older/test/test.csv")
image = sagemaker.image_uris.retrieve("xgboost", session.boto_region_name, version="1.2-2")

estimator = Estimator(image, instance_count=1, instance_type="ml.m5.large", sagemaker_session=session)
estimator.set_hyperparameters(objective="reg:squarederror", num_round=20)
estimator.fit({"train": TrainingInput(train, content_type="text/csv")}, logs=False)

processor = ScriptProcessor(
    image_uri=image, command=["python3"], instance_count=1, instance_type="ml.m5.large", sagemaker_session=session
)
processor.run(
    code="evaluate.py",
    inputs=[
        ProcessingInput(source=estimator.model_data, destination="/opt/ml/processing/model"),
        ProcessingInput(source=test, destination="/opt/ml/processing/test"),
    ],
    outputs=[
        ProcessingOutput(
            output_name="evaluation",
            source="/opt/ml/processing/evaluation",
            destination=f"s3://{bucket}/older/evaluation",
        )
    ],
    logs=False,
)
report = json.loads(session.read_s3_file(bucket, "older/evaluation/evaluation.json"))
predictor = estimator.deploy(initial_instance_count=1, instance_type="ml.m5.large", serializer=CSVSerializer())
answer = float(predictor.predict(features[:1]).decode())
predictor.delete_model()
predictor.delete_endpoint()
print("\n" + json.dumps({"mse": report["mse"], "off": abs(answer - rows[0, 0])}))
