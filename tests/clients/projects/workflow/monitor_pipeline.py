"""Follow an execution until it ends: ``python monitor_pipeline.py EXECUTION_ARN``."""

import json
import sys
import time

import boto3

sagemaker = boto3.client("sagemaker")
arn = sys.argv[1]
while True:
    execution = sagemaker.describe_pipeline_execution(PipelineExecutionArn=arn)
    pages = sagemaker.get_paginator("list_pipeline_execution_steps").paginate(PipelineExecutionArn=arn)
    steps = [step for page in pages for step in page["PipelineExecutionSteps"]]
    for step in steps:
        print(f"{step['StepName']}: {step['StepStatus']} {step.get('FailureReason', '')}")
    if execution["PipelineExecutionStatus"] not in ("Executing", "Stopping"):
        break
    time.sleep(1)
found = {step["StepName"]: step["StepStatus"] for step in steps}
cached = sorted(step["StepName"] for step in steps if "CacheHitResult" in step)
print(json.dumps({"status": execution["PipelineExecutionStatus"], "steps": found, "cached": cached}))
