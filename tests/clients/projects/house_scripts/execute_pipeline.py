"""Start the pipeline; with ``--monitor``, follow it to its end."""

import argparse
import json
import time

import boto3

parser = argparse.ArgumentParser()
parser.add_argument("--pipeline-name", default="house-price-mlops-pipeline")
parser.add_argument("--monitor", action="store_true")
arguments = parser.parse_args()
client = boto3.client("sagemaker")
arn = client.start_pipeline_execution(PipelineName=arguments.pipeline_name)["PipelineExecutionArn"]
status = "Executing"
while arguments.monitor and status in ("Executing", "Stopping"):
    time.sleep(1)
    status = client.describe_pipeline_execution(PipelineExecutionArn=arn)["PipelineExecutionStatus"]
    print(status)
steps = client.list_pipeline_execution_steps(PipelineExecutionArn=arn, SortOrder="Ascending")["PipelineExecutionSteps"]
jobs = {step["StepName"]: next(iter(step["Metadata"].values()))["Arn"] for step in steps if "Metadata" in step}
print(json.dumps({"arn": arn, "status": status, "jobs": jobs}))
