"""The lineage of each step of an execution, as a notebook shows it: ``python lineage.py EXECUTION_ARN``."""

import json
import sys

import boto3
import sagemaker
from sagemaker.lineage.visualizer import LineageTableVisualizer

steps = boto3.client("sagemaker").list_pipeline_execution_steps(PipelineExecutionArn=sys.argv[1])
visualizer = LineageTableVisualizer(sagemaker.Session())
found = {}
for step in steps["PipelineExecutionSteps"]:
    table = visualizer.show(pipeline_execution_step=step)
    if table is not None:
        rows = table[["Direction", "Type", "Association Type", "Lineage Type"]].values.tolist()
        found[step["StepName"]] = sorted(rows)
print(json.dumps(found))
