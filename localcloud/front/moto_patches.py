"""Every symbol of moto that is replaced, with the signature it must have. A moto that moved
is found at start, not later.

A part that patches moto adds its row to SEAMS and calls ``replace``; nothing else assigns to moto's classes.
"""

from __future__ import annotations

import importlib.machinery
import importlib.util
import inspect
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Seam:
    """One replaced symbol: where it is, what it must look like (names and defaults, no annotations), and why."""

    path: str  # "moto.x.models:Class.method" or "moto.x.models:function"
    signature: str  # "(self, a, b=None)"
    why: str


class SeamMoved(RuntimeError):
    """moto is not the moto this was written for: a symbol is gone or has another signature."""


SAGEMAKER_OPERATIONS = [
    "add_tags",
    "list_tags",
    "list_trial_components",
    "describe_trial_component",
    "delete_tags",
    "create_processing_job",
    "describe_processing_job",
    "stop_processing_job",
    "list_processing_jobs",
    "create_training_job",
    "describe_training_job",
    "list_training_jobs",
    "create_hyper_parameter_tuning_job",
    "describe_hyper_parameter_tuning_job",
    "list_hyper_parameter_tuning_jobs",
    "create_transform_job",
    "describe_transform_job",
    "list_transform_jobs",
    "create_pipeline",
    "update_pipeline",
    "delete_pipeline",
    "describe_pipeline",
    "list_pipelines",
    "start_pipeline_execution",
    "describe_pipeline_execution",
    "list_pipeline_executions",
    "list_pipeline_parameters_for_execution",
    "describe_pipeline_definition_for_execution",
    "create_model_package_group",
    "describe_model_package_group",
    "list_model_package_groups",
    "create_model_package",
    "describe_model_package",
    "update_model_package",
    "list_model_packages",
    "create_model",
    "describe_model",
    "list_models",
    "delete_model",
    "create_endpoint_config",
    "describe_endpoint_config",
    "list_endpoint_configs",
    "delete_endpoint_config",
    "create_endpoint",
    "describe_endpoint",
    "delete_endpoint",
    "list_endpoints",
    "update_endpoint_weights_and_capacities",
]

SEAMS: tuple[Seam, ...] = (
    # --- services
    Seam("moto.backends:list_of_moto_modules", "()", "moto reads its own folder for each call: a third of its time"),
    Seam(
        "moto.moto_server.werkzeug_app:DomainDispatcherApplication.get_backend_for_host",
        "(self, host)",
        "moto tries its list of addresses from the first on for each call",
    ),
    Seam(
        "moto.core.common_models:BaseModel.__new__",
        "(cls, *args, **kwargs)",
        "moto keeps every object that it ever made, and every copy of one, for a page that is not here",
    ),
    Seam("moto.core.responses:method_names_from_class", "(clazz)", "moto goes through a class's members for each call"),
    Seam(
        "moto.core.serialize:ResponseSerializer.get_value",
        "(self, value, key, shape)",
        "moto looks for each of the ten types of each of DynamoDB's values under twelve names",
    ),
    Seam(
        "moto.core.serialize:BaseJSONSerializer._serialize_type_structure",
        "(self, serialized, value, shape, key)",
        "moto takes each of DynamoDB's values apart and puts it together again as it was",
    ),
    # --- what AWS always tells
    Seam(
        "moto.s3.models:S3Backend.get_bucket_encryption",
        "(self, bucket_name)",
        "a bucket that nobody said it of is encrypted by S3's own key; moto finds nothing",
    ),
    Seam(
        "moto.s3.responses:S3Response._handle_range_header",
        "(self, request, response_headers, response_content)",
        "moto takes a range in any unit for one of bytes",
    ),
    Seam("moto.s3.responses:S3Response._tagging_from_xml", "(self)", "moto fails over an empty set of tags"),
    Seam("moto.s3.responses:S3Response.get_bucket_notification", "(self)", "moto does not tell of EventBridge"),
    Seam("moto.events.responses:EventsHandler.list_event_buses", "(self)", "when each was made is left out"),
    Seam(
        "moto.kms.models:Alias.__init__",
        "(self, account_id, region, name, key)",
        "moto does not remember when an alias was made",
    ),
    Seam("moto.kms.models:KmsBackend.update_alias", "(self, target_key_id, alias_name)", "and when it was changed"),
    Seam("moto.kms.responses:KmsResponse.list_aliases", "(self)", "and does not tell"),
    Seam(
        "moto.kms.models:Grant.__init__",
        "(self, key_id, name, grantee_principal, operations, constraints, retiring_principal)",
        "moto does not remember when a grant was made",
    ),
    Seam("moto.kms.models:Grant.to_json", "(self)", "and who made it"),
    Seam(
        "moto.ssm.models:Parameter.describe_response_object",
        "(self, decrypt=False, include_labels=False)",
        "a described parameter lacks its ARN",
    ),
    # --- dynamodb
    Seam(
        "moto.dynamodb.models:DynamoDBBackend.list_exports", "(self, table_arn)", "moto lists those of one table alone"
    ),
    *(
        Seam(f"moto.dynamodb.comparisons:{name}.expr", "(self, item)", "moto fails over values that have no order")
        for name in (
            "OpLessThan",
            "OpLessThanOrEqual",
            "OpGreaterThan",
            "OpGreaterThanOrEqual",
            "FuncBetween",
            "FuncSize",
        )
    ),
    Seam("moto.dynamodb.responses:DynamoHandler.query", "(self)", "moto compares older conditions with any type"),
    Seam("moto.dynamodb.responses:DynamoHandler.scan", "(self)", "moto compares older conditions with any type"),
    Seam("moto.dynamodb.responses:DynamoHandler.list_exports", "(self)", "moto lists those of one table alone"),
    Seam(
        "moto.dynamodb.comparisons:ConditionExpressionParser.parse",
        "(self)",
        "moto fails over an expression that is none",
    ),
    *(
        Seam(f"moto.dynamodb.responses:DynamoHandler.{name}", "(self)", "moto measures no item collection")
        for name in ("put_item", "update_item", "delete_item", "batch_write_item")
    ),
    Seam(
        "moto.dynamodb.models:DynamoDBBackend.transact_write_items",
        "(self, transact_items)",
        "moto copies each table that a transaction names, with all its items",
    ),
    Seam(
        "moto.dynamodb.responses:DynamoHandler.transact_write_items",
        "(self)",
        "moto does a transaction again that is sent again with its client token, and measures no item collection",
    ),
    Seam(
        "moto.dynamodb.models.table:Table.query",
        "(self, hash_key, range_comparison, range_objs, limit, exclusive_start_key, scan_index_forward, "
        "projection_expressions, index_name=None, consistent_read=False, filter_expression=None, "
        "hash_key_conditions=None, range_key_conditions=None, **filter_kwargs)",
        "moto sorts the whole table for each query of one partition",
    ),
    Seam(
        "moto.dynamodb.models.table:Table.put_item",
        "(self, item_attrs, expected=None, condition_expression=None, expression_attribute_names=None, "
        "expression_attribute_values=None, overwrite=False, return_values_on_condition_check_failure=None)",
        "an item that is put has to be told",
    ),
    Seam(
        "moto.dynamodb.models:DynamoDBBackend.update_item",
        "(self, table_name, key, update_expression, expression_attribute_names, expression_attribute_values, "
        "attribute_updates=None, expected=None, condition_expression=None, "
        "return_values_on_condition_check_failure=None)",
        "an item that is updated has to be told",
    ),
    Seam(
        "moto.dynamodb.models.table:Table.get_item",
        "(self, hash_key, range_key=None, projection_expression=None)",
        "moto keeps an empty partition for each key that is looked for",
    ),
    Seam(
        "moto.dynamodb.models.table:Table.delete_item",
        "(self, hash_key, range_key)",
        "moto keeps an empty partition for each key that is deleted",
    ),
    # --- events
    Seam(
        "moto.events.models:Rule.send_to_targets",
        "(self, original_event, transform_input=True)",
        "moto raises for most targets and then skips the other rules",
    ),
    Seam(
        "moto.events.models:EventsBackend.put_events",
        "(self, events)",
        "to show recent events; moto takes sources of AWS's own and details that are no objects",
    ),
    Seam("moto.events.models:EventPattern.load", "(cls, raw_pattern)", "moto takes most patterns that AWS refuses"),
    Seam(
        "moto.events.models:EventPattern.matches_event",
        "(self, event)",
        "moto matches arrays of objects not at all, and raises for odd patterns",
    ),
    Seam(
        "moto.scheduler.responses:EventBridgeSchedulerResponse.create_schedule",
        "(self)",
        "moto takes cron(nonsense), windows that nothing plays, and groups that are not there",
    ),
    Seam(
        "moto.scheduler.responses:EventBridgeSchedulerResponse.update_schedule", "(self)", "moto takes cron(nonsense)"
    ),
    Seam(
        "moto.scheduler.models:EventBridgeSchedulerBackend.update_schedule",
        "(self, description, end_date, flexible_time_window, group_name, kms_key_arn, name, schedule_expression, "
        "schedule_expression_timezone, start_date, state, target)",
        "a schedule that an update says no state of is enabled",
    ),
    Seam(
        "moto.kms.models:KmsBackend.disable_key",
        "(self, key_id)",
        "moto knows these keys by their ids alone, and an ARN is an error of its own",
    ),
    Seam(
        "moto.kms.models:KmsBackend.enable_key",
        "(self, key_id)",
        "moto knows these keys by their ids alone, and an ARN is an error of its own",
    ),
    Seam(
        "moto.kms.models:KmsBackend.cancel_key_deletion",
        "(self, key_id)",
        "moto knows these keys by their ids alone, and an ARN is an error of its own",
    ),
    Seam(
        "moto.kms.models:KmsBackend.schedule_key_deletion",
        "(self, key_id, pending_window_in_days)",
        "moto knows these keys by their ids alone, and an ARN is an error of its own",
    ),
    Seam(
        "moto.scheduler.models:EventBridgeSchedulerBackend.create_schedule_group",
        "(self, name, tags)",
        "moto makes a group anew that is there, without its schedules",
    ),
    Seam(
        "moto.scheduler.models:EventBridgeSchedulerBackend.delete_schedule_group",
        "(self, name)",
        "moto answers 500 for a group that is not there",
    ),
    Seam("moto.events.responses:EventsHandler.put_rule", "(self)", "moto takes cron(nonsense) and names of any kind"),
    Seam("moto.events.responses:EventsHandler.put_targets", "(self)", "moto takes what no target can have"),
    Seam("moto.events.responses:EventsHandler.put_events", "(self)", "moto takes events of any size"),
    Seam("moto.events.responses:EventsHandler.test_event_pattern", "(self)", "moto answers 200 with nothing"),
    Seam(
        "moto.s3.models:S3Backend.__init__",
        "(self, region_name, account_id)",
        "moto keeps a token for each page of each list that was ever asked for",
    ),
    Seam(
        "moto.s3.notifications:_send_event_bridge_message",
        "(account_id, bucket, event_name, key)",
        "S3's events have a constant id and other names than AWS's",
    ),
    Seam(
        "moto.s3.models:S3Backend.put_bucket_notification_configuration",
        "(self, bucket_name, notification_config)",
        "moto takes destinations that are not there",
    ),
    Seam(
        "moto.s3.models:FakeBucket.get_permission",
        "(self, action, resource)",
        "a policy's Condition is ignored: denying requests without TLS denies all",
    ),
    Seam(
        "moto.moto_server.utilities:RegexConverter.__init__",
        "(self, url_map, *items)",
        "the dot of its routes stops at a line break, which an S3 key may have",
    ),
    # --- queues
    Seam(
        "moto.sqs.models:Queue.__init__",
        "(self, name, region, account_id, **kwargs)",
        "moto remembers the receipts of all messages that were ever deleted",
    ),
    Seam(
        "moto.awslambda.models:LambdaBackend.create_event_source_mapping",
        "(self, spec)",
        "moto calls the function with batches of one and never retries",
    ),
    Seam(
        "moto.awslambda.models:LambdaBackend.list_event_source_mappings",
        "(self, event_source_arn, function_name)",
        "moto finds a function's mappings by the one way of naming it in which they were made",
    ),
    Seam(
        "moto.awslambda.models:LambdaBackend.update_event_source_mapping",
        "(self, uuid, spec)",
        "a poller follows its mapping",
    ),
    Seam(
        "moto.awslambda.models:LambdaBackend.delete_event_source_mapping",
        "(self, uuid)",
        "a poller ends with its mapping",
    ),
    Seam(
        "moto.sqs.models:Queue.add_message",
        "(self, message)",
        "queues are not safe across threads, and arrivals wake pollers",
    ),
    Seam("moto.sqs.models:SQSBackend.purge_queue", "(self, queue_name)", "queues are not safe across threads"),
    Seam("moto.sqs.models:Queue.delete_message", "(self, receipt_handle)", "queues are not safe across threads"),
    Seam(
        "moto.sqs.models:SQSBackend.receive_message",
        "(self, queue_name, count, wait_seconds_timeout, visibility_timeout, message_attribute_names=None)",
        "queues are not safe across threads",
    ),
    Seam(
        "moto.sqs.models:SQSBackend.change_message_visibility",
        "(self, queue_name, receipt_handle, visibility_timeout)",
        "queues are not safe across threads, and a message that is visible again wakes pollers",
    ),
    Seam(
        "moto.sns.models:SNSBackend.publish",
        "(self, message, arn, phone_number=None, subject=None, message_attributes=None, group_id=None, "
        "deduplication_id=None, message_structure=None)",
        "moto takes subjects with line breaks, and a message of more bytes than SNS carries",
    ),
    Seam(
        "moto.sns.models:Subscription.publish",
        "(self, message, message_id, subject=None, message_attributes=None, group_id=None, deduplication_id=None, "
        "message_structure=None)",
        "what Lambda gets from SNS says EXAMPLE; a subscriber's failure must not fail Publish",
    ),
    Seam(
        "moto.sns.models:Subscription.private_key",
        "(self)",
        "moto makes a key for each subscription: a quarter of a second, and one more thing that is kept for ever",
    ),
    Seam(
        "moto.sns.models:Topic.publish",
        "(self, message, subject=None, message_attributes=None, group_id=None, deduplication_id=None, "
        "message_structure=None)",
        "moto keeps all that was ever published",
    ),
    Seam(
        "moto.sns.utils:FilterPolicyMatcher.matches",
        "(self, message_attributes, message)",
        "moto takes policies that it never fulfils, and holds arrays against them as SNS does not",
    ),
    Seam(
        "moto.sns.models:SNSBackend._validate_filter_policy",
        "(self, value, scope)",
        "moto refuses cidr and wildcard, and takes operators that do not exist below anything-but",
    ),
    Seam(
        "moto.sns.models:SNSBackend.set_subscription_attributes",
        "(self, arn, name, value)",
        "moto fails at a policy that is no JSON, and goes by the old scope after it was changed",
    ),
    Seam("moto.sns.responses:SNSResponse.subscribe", "(self)", "moto keeps a subscription whose policy it refused"),
    Seam("moto.sqs.models:Queue.attributes", "property", "moto counts all messages for every one that is sent"),
    # --- lambdas
    Seam("moto.awslambda.responses:LambdaResponse.update_function_code", "(self)", "moto ignores RevisionId"),
    Seam("moto.awslambda.responses:LambdaResponse.update_function_configuration", "(self)", "moto ignores RevisionId"),
    Seam("moto.awslambda.responses:LambdaResponse.publish_version", "(self)", "moto ignores RevisionId and CodeSha256"),
    Seam("moto.awslambda.responses:LambdaResponse.update_alias", "(self)", "moto ignores RevisionId"),
    Seam(
        "moto.awslambda.models:LambdaAlias.update",
        "(self, description, function_version, routing_config)",
        "a changed alias keeps its revision's id",
    ),
    Seam(
        "moto.awslambda.responses:LambdaResponse.invoke",
        "(self)",
        "moto reads the version to call from the event, not from the query",
    ),
    Seam(
        "moto.awslambda.models:LambdaBackend.invoke",
        "(self, function_name, qualifier, body, headers, response_headers)",
        "moto needs Docker to run code",
    ),
    Seam(
        "moto.awslambda.models:LambdaFunction.invoke",
        "(self, body, request_headers, response_headers)",
        "S3 and others invoke asynchronously",
    ),
    Seam(
        "moto.awslambda.models:LambdaBackend.layers_versions_by_arn",
        "(self, layer_version_arn)",
        "moto looks for another account's layer among its own",
    ),
    Seam(
        "moto.awslambda.models:LambdaBackend.create_function",
        "(self, spec)",
        "a worker is warmed for a new function; DeadLetterConfig is dropped by moto",
    ),
    Seam(
        "moto.awslambda.models:LambdaFunction.update_configuration",
        "(self, config_updates)",
        "a changed function gets new workers",
    ),
    Seam(
        "moto.awslambda.models:LambdaFunction.update_function_code",
        "(self, updated_spec)",
        "a changed function gets new workers",
    ),
    Seam(
        "moto.awslambda.models:LambdaFunction.get_configuration",
        "(self, on_create=False)",
        "DeadLetterConfig is dropped by moto",
    ),
    Seam(
        "moto.awslambda.models:LambdaBackend.delete_function",
        "(self, function_name, qualifier=None)",
        "a deleted function's workers end",
    ),
    *(
        Seam(f"moto.awslambda.models:LambdaBackend.{name}_function_url_config", "(self, name_or_arn, config)", why)
        for name, why in {
            "create": "moto's URLs lead nowhere, and what is not played has to be refused",
            "update": "as create; moto fails where there is none",
        }.items()
    ),
    *(
        Seam(
            f"moto.awslambda.models:LambdaBackend.{verb}_function_event_invoke_config",
            "(self, function_name, config)",
            why,
        )
        for verb, why in {
            "put": "moto keeps the first that was put",
            "update": "moto forgets what an update does not say",
        }.items()
    ),
    Seam(
        "moto.awslambda.policy:Policy.decode_policy",
        "(self, obj)",
        "moto keeps what a permission says of function URLs as elements, which no policy has, and not as conditions",
    ),
    # --- server
    # --- stepfunctions
    Seam(
        "moto.stepfunctions.parser.asl.utils.boto_client:boto_client_for",
        "(region, service, state_credentials=None)",
        "a client per call costs 30 ms; localhost may be IPv6",
    ),
    Seam(
        "moto.stepfunctions.parser.asl.parse.asl_parser:AmazonStateLanguageParser.parse",
        "(definition)",
        "every execution parses its definition anew: 0.1 s for twenty states",
    ),
    Seam(
        "moto.stepfunctions.parser.asl.eval.callback.callback:CallbackPoolManager.add",
        "(self, callback_id)",
        "an answer to a token whose task has ended must be TaskTimedOut, not success or InvalidToken",
    ),
    Seam(
        "moto.stepfunctions.parser.asl.eval.callback.callback:CallbackPoolManager.add_activity_task",
        "(self, callback_id, activity_arn, activity_input)",
        "as above, for activities",
    ),
    Seam(
        "moto.stepfunctions.parser.asl.component.state.exec.execute_state:ExecutionState._evaluate_with_timeout",
        "(self, env)",
        "a retry reuses the answered token; a timed out attempt leaves its token open; a stop waits for the state",
    ),
    Seam(
        "moto.stepfunctions.parser.asl.eval.environment:Environment.is_running",
        "(self)",
        "a history has no end",
    ),
    Seam(
        "moto.stepfunctions.parser.models:StepFunctionsParserBackend._validate_definition",
        "(definition)",
        "moto takes targets that are not there, states that nothing leads to, and fields of other types of state",
    ),
    Seam(
        "moto.stepfunctions.parser.models:StepFunctionsParserBackend.start_execution",
        "(self, state_machine_arn, name=None, execution_input=None, trace_header=None)",
        "an execution without a name is called None, and two at once may take one name",
    ),
    Seam(
        "moto.stepfunctions.parser.backend.execution:Execution.__init__",
        "(self, name, sm_type, role_arn, exec_arn, account_id, region_name, state_machine, start_date, "
        "cloud_watch_logging_session, activity_store, input_data, trace_header=None)",
        "an execution that is about to begin is listed without a status",
    ),
    Seam(
        "moto.stepfunctions.parser.backend.execution_worker:ExecutionWorker._get_evaluation_environment",
        "(self)",
        "nobody knows whose events an event manager keeps",
    ),
    Seam(
        "moto.stepfunctions.parser.asl.eval.event.event_manager:EventManager.add_event",
        "(self, context, event_type, event_details=None, timestamp=None, update_source_event_id=True)",
        "events have to be told, and those that were before a restart are not to be added again",
    ),
    *(
        Seam(f"moto.stepfunctions.parser.asl.component.state.{path}._set_next", "(self, env)", "it has to be told")
        for path in ("state:CommonStateField", "choice.state_choice:StateChoice")
    ),
    Seam(
        "moto.stepfunctions.parser.backend.execution:Execution.start",
        "(self)",
        "no status events, no logs",
    ),
    Seam(
        "moto.stepfunctions.parser.backend.execution:BaseExecutionWorkerCommunication._reflect_execution_status",
        "(self)",
        "no status events; a stopped execution must stay as it was stopped",
    ),
    Seam(
        "moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service:"
        "StateTaskService._normalise_parameters",
        "(self, parameters, boto_service_name=None, service_action_name=None)",
        "moto left it empty",
    ),
    Seam(
        "moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service:"
        "StateTaskService._normalise_response",
        "(self, response, boto_service_name=None, service_action_name=None)",
        "moto left it empty; dates then break DescribeExecution",
    ),
    Seam(
        "moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service:"
        "StateTaskService._get_boto_service_name",
        "(self, boto_service_name=None)",
        "moto knows no eventbridge and no cloudwatchlogs",
    ),
    Seam(
        "moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service_aws_sdk:"
        "StateTaskServiceAwsSdk._normalise_service_error_name",
        "(service_name)",
        "moto's errors begin with the lower-case name, so that no Catch of AWS's holds",
    ),
    Seam(
        "moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service_callback:"
        "StateTaskServiceCallback._eval_sync",
        "(self, env, sync_resolver, timeout_seconds, callback_endpoint, heartbeat_endpoint)",
        "looks every half second",
    ),
    Seam(
        "moto.stepfunctions.parser.asl.component.state.exec.state_task.state_task_factory:state_task_service_for",
        "(service_name)",
        "SageMaker's .sync is refused",
    ),
    *(
        Seam(f"moto.stepfunctions.responses:StepFunctionResponse.{name}", "(self)", why)
        for name, why in {
            "stop_execution": "drops error, cause and the date",
            "describe_execution": "lacks the stop date of a timeout, and more",
            "list_executions": "lacks the stop date of a timeout",
            "describe_state_machine_for_execution": "tells of the machine as it is now, and lacks a date",
            "get_execution_history": "ignores order and paging",
            "send_task_success": "asks running executions one by one; ended ones answer InvalidToken",
            "send_task_failure": "drops the cause",
            "send_task_heartbeat": "as send_task_success",
        }.items()
    ),
    # --- templates
    Seam(
        "moto.stepfunctions.parser.asl.utils.json_path:extract_json",
        "(path, data)",
        "a list for the one value of $.a[0].b, one value for a filter's only match's field, an error for none",
    ),
    Seam(
        "moto.backends:get_backend",
        "(name)",
        "moto's CloudFormation skips unknown types in silence and cannot roll back; localcloud/templates does",
    ),
    Seam(
        "moto.iam.policy_validation:BaseIAMPolicyValidator._validate_version",
        "(self)",
        "a policy without Version is legal (SAM's policy templates have none); moto demands 2012-10-17",
    ),
    Seam("moto.sts.responses:TokenResponse.assume_role", "(self)", "moto forgets a session's policies and tags"),
    *(
        Seam(f"moto.iam.responses:IamResponse.{name}", "(self)", "moto takes a permissions boundary that is not there")
        for name in ("create_role", "put_role_permissions_boundary")
    ),
    Seam("moto.iam.responses:IamResponse.create_user", "(self)", "moto forgets a user's permissions boundary"),
    *(
        Seam(
            f"moto.servicequotas.responses:ServiceQuotasResponse.{name}", "(self)", "moto knows the quotas of VPC alone"
        )
        for name in ("list_aws_default_service_quotas", "get_service_quota")
    ),
    Seam(
        "moto.logs.models:LogStream.put_log_events",
        "(self, log_events)",
        "moto keeps every line for ever",
    ),
    Seam("moto.logs.models:LogGroup.create_log_stream", "(self, log_stream_name)", "a new stream has to be told"),
    Seam("moto.logs.models:LogGroup.delete_log_stream", "(self, log_stream_name)", "a deleted stream has to be told"),
    Seam(
        "moto.cloudwatch.responses:CloudWatchResponse.describe_alarms",
        "(self)",
        "moto heeds one of what is asked alone",
    ),
    Seam(
        "moto.cloudwatch.models:CloudWatchBackend.put_metric_data",
        "(self, namespace, metric_data)",
        "data that are put have to be told",
    ),
    Seam(
        "moto.cloudwatch.models:CloudWatchBackend.get_metric_data",
        "(self, queries, start_time, end_time, scan_by='TimestampAscending')",
        "moto fails for percentiles and answers expressions with nothing",
    ),
    Seam(
        "moto.logs.responses:LogsResponse.filter_log_events",
        "(self)",
        "moto ignores logStreamNamePrefix",
    ),
    # --- sagemaker
    *(
        Seam(
            f"moto.sagemaker.responses:SageMakerResponse.{operation}",
            "(self)",
            "moto answers without doing: jobs, pipelines, packages and endpoints are real here",
        )
        for operation in SAGEMAKER_OPERATIONS
    ),
)


def replace(path: str, new: Callable[..., Any] | property) -> Callable[..., Any]:
    """Put ``new`` in place of the symbol at ``path`` and answer the original.

    Raises:
        SeamMoved: the path has no row in SEAMS, or moto's symbol is absent or has another signature.
    """
    seam = next((row for row in SEAMS if row.path == path), None)
    if seam is None:
        raise SeamMoved(f"{path} has no row in SEAMS: add it there, with its signature and the reason")
    check(seam)
    owner, name = _owner(path)
    original: Callable[..., Any] = getattr(owner, name)
    raw = inspect.getattr_static(owner, name)
    kind = type(raw) if isinstance(raw, (classmethod, staticmethod)) else None
    setattr(owner, name, kind(new) if kind and not isinstance(new, property) else new)
    return original


def leave_out(package: str) -> None:
    """Let one of moto's packages be found without what it loads itself; its modules can still be imported by name.

    Step Functions takes one name of moto.batch's, which loads EC2 whole: 0.7 s and 90 MB for what is refused anyway.
    """
    found = importlib.util.find_spec("moto")
    if package not in sys.modules and found is not None and found.origin is not None:
        spec = importlib.machinery.ModuleSpec(package, None, is_package=True)
        spec.submodule_search_locations = [str(Path(found.origin).with_name(package.rpartition(".")[2]))]
        sys.modules[package] = importlib.util.module_from_spec(spec)


def check(seam: Seam) -> None:
    """Hold a row against the moto that is installed.

    Raises:
        SeamMoved: moto's symbol is absent or has another signature.
    """
    owner, name = _owner(seam.path)
    raw = inspect.getattr_static(owner, name, None)
    if raw is None:
        raise SeamMoved(f"{seam.path} does not exist in the installed moto ({seam.why})")
    found = signature_of(raw)
    if found != seam.signature:
        raise SeamMoved(f"{seam.path} is {found} in the installed moto, expected {seam.signature} ({seam.why})")


def add_operation(response_class: str, operation: str, fn: Callable[..., Any]) -> None:
    """Give a service an operation that moto lacks: ``fn(self) -> str`` like the methods of that response class.

    ``response_class`` is "moto.x.responses:Class", ``operation`` the snake_case name.

    Raises:
        SeamMoved: moto has that operation by now; then it is replaced (with a row in SEAMS), or no longer needed.
    """
    module, _, name = response_class.partition(":")
    owner = getattr(importlib.import_module(module), name, None)
    if owner is None:
        raise SeamMoved(f"{response_class} does not exist in the installed moto")
    if hasattr(owner, operation):
        raise SeamMoved(f"{response_class}.{operation} exists in the installed moto: replace it through SEAMS instead")
    setattr(owner, operation, fn)


def signature_of(symbol: Any) -> str:
    """Names and defaults of a callable's parameters, as text, without annotations; a property answers "property"."""
    if isinstance(symbol, property):
        return "property"
    if isinstance(symbol, (classmethod, staticmethod)):
        symbol = symbol.__func__
    signature = inspect.signature(symbol)
    bare = [parameter.replace(annotation=inspect.Parameter.empty) for parameter in signature.parameters.values()]
    return str(signature.replace(parameters=bare, return_annotation=inspect.Signature.empty))


def _owner(path: str) -> tuple[Any, str]:
    module, _, dotted = path.partition(":")
    try:
        owner: Any = importlib.import_module(module)
    except ImportError as error:
        raise SeamMoved(f"{module} does not exist in the installed moto") from error
    *parents, name = dotted.split(".")
    for parent in parents:
        owner = getattr(owner, parent, None)
        if owner is None:
            raise SeamMoved(f"{path}: {parent} does not exist in the installed moto")
    return owner, name
