"""All that an account holds, as names, so that before and after can be compared."""

from __future__ import annotations

from typing import Any

from cli.stack.target import Target

# service, operation, key of the list, key of the name (None: the list holds names)
LISTINGS = (
    ("cloudwatch", "describe_alarms", "MetricAlarms", "AlarmArn"),
    ("dynamodb", "list_tables", "TableNames", None),
    ("events", "list_rules", "Rules", "Arn"),
    ("iam", "list_roles", "Roles", "Arn"),
    ("lambda", "list_event_source_mappings", "EventSourceMappings", "FunctionArn"),
    ("lambda", "list_functions", "Functions", "FunctionArn"),
    ("logs", "describe_log_groups", "logGroups", "logGroupName"),
    ("sagemaker", "list_endpoint_configs", "EndpointConfigs", "EndpointConfigName"),
    ("sagemaker", "list_endpoints", "Endpoints", "EndpointArn"),
    ("sagemaker", "list_model_package_groups", "ModelPackageGroupSummaryList", "ModelPackageGroupArn"),
    ("sagemaker", "list_models", "Models", "ModelName"),
    ("sagemaker", "list_pipelines", "PipelineSummaries", "PipelineArn"),
    ("sns", "list_subscriptions", "Subscriptions", "SubscriptionArn"),
    ("sns", "list_topics", "Topics", "TopicArn"),
    ("sqs", "list_queues", "QueueUrls", None),
    ("stepfunctions", "list_state_machines", "stateMachines", "stateMachineArn"),
)
# An account has one of each, whatever stacks it has: the SAM CLI's own stack and bucket, the logs of SageMaker's jobs.
SHARED = (
    "aws-sam-cli-managed-default",
    "/aws/sagemaker/ProcessingJobs",
    "/aws/sagemaker/TrainingJobs",
    "/aws/sagemaker/TransformJobs",
)


def inventory(target: Target) -> set[str]:
    """The names of all stacks, buckets and whatever else can be listed here; what all stacks share is left out."""
    found = {f"s3 bucket {one['Name']}" for one in target.client("s3").list_buckets()["Buckets"]}
    stacks = target.client("cloudformation").get_paginator("describe_stacks").paginate()
    found |= {f"stack {one['StackName']}" for page in stacks for one in page["Stacks"]}
    for service, operation, key, name in LISTINGS:
        for page in target.client(service).get_paginator(operation).paginate():
            found |= {f"{service} {_name(one, name)}" for one in page.get(key, [])}
    return {one for one in found if not any(shared in one for shared in SHARED)}


def _name(one: Any, key: str | None) -> str:
    return str(one[key] if key else one)


def of_stack(names: set[str], stack: str, physical_ids: set[str]) -> set[str]:
    """Those that are the stack's: named after it, or known as its resource."""
    marks = (f" {stack}-", f":{stack}-", f"/{stack}-")
    return {
        one
        for one in names
        if any(mark in one.lower() for mark in marks) or any(known and known in one for known in physical_ids)
    }
