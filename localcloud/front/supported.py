"""Which services the local cloud has, and which of their operations it refuses although moto would answer them.

What is not here is answered with 501 by name: a pretended success would only fail on AWS. docs/local-cloud.md shows the
same services.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Service:
    """A service as the docs call it, as botocore calls it, and the operations of moto's that are refused."""

    title: str
    model: str
    refused: frozenset[str] = frozenset()
    signed_as: str = ""  # in a request's signature; where it is not the model's name
    played: set[str] | None = field(default=None, compare=False)  # these alone, where the local cloud has its own

    def __post_init__(self) -> None:
        """A service is signed as its model is called, unless said otherwise."""
        object.__setattr__(self, "signed_as", self.signed_as or self.model)


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Every S3 operation that is answered: moto takes one that it does not know for another one, which may delete a bucket.
S3_PLAYED = _names("""
    AbortMultipartUpload CompleteMultipartUpload CopyObject CreateBucket CreateMultipartUpload DeleteBucket
    DeleteBucketCors DeleteBucketEncryption DeleteBucketLifecycle DeleteBucketOwnershipControls DeleteBucketPolicy
    DeleteBucketReplication DeleteBucketTagging DeleteBucketWebsite DeleteObject DeleteObjectTagging DeleteObjects
    DeletePublicAccessBlock GetBucketAccelerateConfiguration GetBucketAcl GetBucketCors GetBucketEncryption
    GetBucketLifecycle GetBucketLifecycleConfiguration GetBucketLocation GetBucketLogging GetBucketNotification
    GetBucketNotificationConfiguration GetBucketOwnershipControls GetBucketPolicy GetBucketPolicyStatus
    GetBucketReplication GetBucketTagging GetBucketVersioning GetBucketWebsite GetObject GetObjectAcl
    GetObjectAttributes GetObjectLegalHold GetObjectLockConfiguration GetObjectTagging
    GetPublicAccessBlock HeadBucket HeadObject ListBuckets ListDirectoryBuckets ListMultipartUploads
    ListObjectVersions ListObjects ListObjectsV2 ListParts PutBucketAcl
    PutBucketCors PutBucketEncryption PutBucketLifecycle PutBucketLifecycleConfiguration PutBucketLogging
    PutBucketNotification PutBucketNotificationConfiguration PutBucketOwnershipControls PutBucketPolicy
    PutBucketTagging PutBucketVersioning PutObject PutObjectAcl PutObjectLegalHold
    PutObjectLockConfiguration PutObjectRetention PutObjectTagging PutPublicAccessBlock RestoreObject
    UploadPart UploadPartCopy
""")
# Each group: operations that moto answers without doing what they say.
EVENTS_REFUSED = _names("""
    CreateApiDestination DeleteApiDestination DescribeApiDestination ListApiDestinations UpdateApiDestination
    CreateConnection DeleteConnection DescribeConnection ListConnections UpdateConnection
    CreatePartnerEventSource DeletePartnerEventSource DescribePartnerEventSource DescribeEventSource PutPartnerEvents
""")
SNS_REFUSED = _names("""
    CheckIfPhoneNumberIsOptedOut CreatePlatformApplication CreatePlatformEndpoint DeleteEndpoint
    DeletePlatformApplication GetEndpointAttributes GetPlatformApplicationAttributes GetSMSAttributes
    ListEndpointsByPlatformApplication ListPhoneNumbersOptedOut ListPlatformApplications OptInPhoneNumber
    SetEndpointAttributes SetPlatformApplicationAttributes SetSMSAttributes
""")
STATES_REFUSED = _names("""
    CreateActivity DeleteActivity DescribeActivity ListActivities
    CreateStateMachineAlias DeleteStateMachineAlias DescribeStateMachineAlias ListStateMachineAliases
    UpdateStateMachineAlias
""")
CLOUDWATCH_REFUSED = _names("""
    DeleteInsightRules DescribeInsightRules DisableInsightRules EnableInsightRules PutInsightRule
""")
LOGS_REFUSED = _names("""
    CreateDelivery DeleteDelivery DeleteDeliveryDestination DeleteDeliveryDestinationPolicy DeleteDeliverySource
    DescribeDeliveries DescribeDeliveryDestinations DescribeDeliverySources GetDelivery GetDeliveryDestination
    GetDeliveryDestinationPolicy GetDeliverySource PutDeliveryDestination PutDeliveryDestinationPolicy
    PutDeliverySource DeleteDestination DescribeDestinations PutDestination PutDestinationPolicy
    DeleteMetricFilter DescribeMetricFilters PutMetricFilter DescribeQueries GetQueryResults StartQuery StartLiveTail
""")
SSM_REFUSED = _names("""
    CreateDocument DeleteDocument DescribeDocument DescribeDocumentPermission GetDocument ListDocuments
    ModifyDocumentPermission UpdateDocument UpdateDocumentDefaultVersion
    GetCommandInvocation ListCommands SendCommand
    CreateMaintenanceWindow DeleteMaintenanceWindow DeregisterTargetFromMaintenanceWindow
    DeregisterTaskFromMaintenanceWindow DescribeMaintenanceWindowTargets DescribeMaintenanceWindowTasks
    DescribeMaintenanceWindows GetMaintenanceWindow RegisterTargetWithMaintenanceWindow
    RegisterTaskWithMaintenanceWindow
    CreatePatchBaseline DeletePatchBaseline DeregisterPatchBaselineForPatchGroup DescribePatchBaselines
    GetPatchBaselineForPatchGroup RegisterPatchBaselineForPatchGroup
""")
STS_REFUSED = _names("AssumeRoleWithSAML AssumeRoleWithWebIdentity GetFederationToken")
QUOTAS_PLAYED = _names("ListServiceQuotas ListAWSDefaultServiceQuotas GetServiceQuota GetAWSDefaultServiceQuota")
REST_APIS_PLAYED = _names("""
    ImportRestApi PutRestApi GetRestApi GetRestApis DeleteRestApi CreateDeployment GetDeployment GetDeployments
    DeleteDeployment CreateStage UpdateStage GetStage GetStages DeleteStage
""")
HTTP_APIS_PLAYED = _names("""
    ImportApi ReimportApi GetApi GetApis DeleteApi GetRoutes CreateStage UpdateStage GetStage GetStages DeleteStage
""")
SCALING_PLAYED = _names("""
    RegisterScalableTarget DeregisterScalableTarget DescribeScalableTargets PutScalingPolicy DeleteScalingPolicy
    DescribeScalingPolicies
""")
# The parser of PartiQL that moto brings finds nothing by a key that is there, and writes over an item without a word.
DYNAMODB_REFUSED = _names("RestoreTableToPointInTime BatchExecuteStatement ExecuteStatement ExecuteTransaction")

SERVICES: Mapping[str, Service] = {  # by moto's name
    "s3": Service("S3", "s3", played=set(S3_PLAYED)),
    "events": Service("EventBridge", "events", EVENTS_REFUSED),
    "scheduler": Service("EventBridge Scheduler", "scheduler"),
    "sqs": Service("SQS", "sqs"),
    "sns": Service("SNS", "sns", SNS_REFUSED),
    "awslambda": Service("Lambda", "lambda"),
    "stepfunctions": Service("Step Functions", "stepfunctions", STATES_REFUSED, signed_as="states"),
    "cloudformation": Service("CloudFormation", "cloudformation"),
    "apigateway": Service("API Gateway", "apigateway", played=set(REST_APIS_PLAYED)),
    "apigatewayv2": Service("API Gateway", "apigatewayv2", signed_as="apigateway", played=set(HTTP_APIS_PLAYED)),
    "sagemaker": Service("SageMaker", "sagemaker", played=set()),
    "sagemakerruntime": Service("SageMaker", "sagemaker-runtime", signed_as="sagemaker"),
    "dynamodb": Service("DynamoDB", "dynamodb", DYNAMODB_REFUSED),
    "iam": Service("IAM", "iam"),
    "sts": Service("STS", "sts", STS_REFUSED),
    "cloudwatch": Service("CloudWatch", "cloudwatch", CLOUDWATCH_REFUSED, signed_as="monitoring"),
    "logs": Service("CloudWatch Logs", "logs", LOGS_REFUSED),
    "kms": Service("KMS", "kms"),
    "ssm": Service("SSM", "ssm", SSM_REFUSED),
    "budgets": Service("Budgets", "budgets"),
    "applicationautoscaling": Service(
        "Application Auto Scaling", "application-autoscaling", played=set(SCALING_PLAYED)
    ),
    "servicequotas": Service("Service Quotas", "service-quotas", signed_as="servicequotas", played=set(QUOTAS_PLAYED)),
}


def play(service: str, operations: set[str]) -> None:
    """Answer these operations from now on, in a service whose other operations are refused."""
    played = SERVICES[service].played
    if played is None:
        raise ValueError(f"{service} is moto's: an operation that is added to it needs no word here")
    played |= operations


def is_refused(service: Service, operation: str) -> bool:
    """Whether an operation of a supported service answers 501."""
    return operation in service.refused or (service.played is not None and operation not in service.played)
