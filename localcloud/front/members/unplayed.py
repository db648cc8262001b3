"""What moto, or this package, does not read of the requests that it answers, by service and operation. Pure data.

A request that sets such a member is refused with its name, so that nothing is ignored in silence. The notation:

- ``Name`` is refused when it is set;
- ``~Name`` is taken without effect, as there is nothing here that it could change: a page's size where all comes in one
  page, who pays, who may (tokens of grants, which are not evaluated), a class of storage, a tag that nothing reads; or
  as SDKs always send it: a token that tells a request that is repeated from a new one;
- ``Name=value`` is taken with this value alone, which asks for nothing; ``Name=own`` with this account's id.

A test holds the tables to botocore's models and to the sources: a member that is neither named by whoever answers nor
here fails it, and so does what botocore learns tomorrow. SageMaker has a table of what is played instead.
"""

from __future__ import annotations

CUSTOMER_KEY = "SSECustomerAlgorithm SSECustomerKey SSECustomerKeyMD5"
SOURCES_KEY = "CopySourceSSECustomerAlgorithm CopySourceSSECustomerKey CopySourceSSECustomerKeyMD5"
CHECKSUMS = """
    ChecksumSHA512 ChecksumMD5 ChecksumXXHASH64 ChecksumXXHASH3 ChecksumXXHASH128
    ~ChecksumCRC32 ~ChecksumCRC32C ~ChecksumCRC64NVME ~ChecksumSHA1 ~ChecksumSHA256
"""
ONE_PAGE = "~Marker ~MaxItems"
LATEST = "Qualifier=$LATEST"
NEW_FUNCTION = "CapacityProviderConfig DurableConfig RuntimeConfig AcceleratorConfig"
NO_TABLE = "GlobalTableSettingsReplicationMode OnDemandThroughput"
EVENT_HOLD = "ObjectLockEventHold ObjectLockEventHoldDurationDays ObjectLockEventHoldDurationYears"
GRANTS = "~GrantTokens DryRun"

S3 = {
    "AbortMultipartUpload": "IfMatchInitiatedTime",
    "CopyObject": f"""
        {CUSTOMER_KEY} {SOURCES_KEY} {EVENT_HOLD} AnnotationDirective SSEKMSEncryptionContext
    """,
    "CreateMultipartUpload": f"{CUSTOMER_KEY} {EVENT_HOLD} SSEKMSEncryptionContext",
    "CompleteMultipartUpload": f"{CHECKSUMS} {CUSTOMER_KEY} ~MpuObjectSize",
    "DeleteObject": "MFA IfMatchLastModifiedTime IfMatchSize",
    "DeleteObjects": "MFA",
    "GetObject": CUSTOMER_KEY,
    "GetObjectAttributes": CUSTOMER_KEY,
    "HeadObject": CUSTOMER_KEY,
    "ListDirectoryBuckets": "~MaxDirectoryBuckets",
    "ListObjectVersions": "OptionalObjectAttributes",
    "ListObjects": "OptionalObjectAttributes",
    "ListObjectsV2": "OptionalObjectAttributes",
    "ListParts": CUSTOMER_KEY,
    "PutBucketPolicy": "~ConfirmRemoveSelfBucketAccess",
    "PutBucketVersioning": "MFA",
    "PutObject": f"{CHECKSUMS} {CUSTOMER_KEY} {EVENT_HOLD} SSEKMSEncryptionContext WriteOffsetBytes",
    "UploadPart": f"{CHECKSUMS} {CUSTOMER_KEY}",
    "UploadPartCopy": f"{CUSTOMER_KEY} {SOURCES_KEY}",
}

UNPLAYED: dict[str, dict[str, str]] = {  # by moto's name of the service
    "s3": S3,
    "events": {
        "CreateArchive": "~KmsKeyIdentifier",
        "CreateEventBus": "LogConfig",
        "DeleteRule": "~Force",
        "ListArchives": "~NextToken ~Limit",
        "ListReplays": "~NextToken ~Limit",
        "PutEvents": "EndpointId",
        "RemoveTargets": "~Force",
        "UpdateArchive": "~KmsKeyIdentifier",
    },
    "sqs": {
        "GetQueueUrl": "QueueOwnerAWSAccountId=own",
        "ListDeadLetterSourceQueues": "~NextToken ~MaxResults",
        "ReceiveMessage": "ReceiveRequestAttemptId",
    },
    "sns": {"CreateTopic": "DataProtectionPolicy", "Publish": "PhoneNumber", "Subscribe": "~ReturnSubscriptionArn"},
    "awslambda": {
        "AddLayerVersionPermission": "OrganizationId",
        "CreateEventSourceMapping": "LoggingConfig",
        "CreateFunction": f"PublishTo TenancyConfig {NEW_FUNCTION}",
        "CreateFunctionUrlConfig": "Qualifier",
        "DeleteFunctionEventInvokeConfig": LATEST,
        "DeleteFunctionUrlConfig": "Qualifier",
        "GetFunctionEventInvokeConfig": LATEST,
        "GetFunctionUrlConfig": "Qualifier",
        "Invoke": "DurableExecutionName TenantId",
        "ListAliases": f"FunctionVersion {ONE_PAGE}",
        "ListEventSourceMappings": ONE_PAGE,
        "ListFunctionEventInvokeConfigs": ONE_PAGE,
        "ListFunctions": f"MasterRegion {ONE_PAGE}",
        "ListLayerVersions": f"CompatibleArchitecture CompatibleRuntime {ONE_PAGE}",
        "ListLayers": f"CompatibleArchitecture CompatibleRuntime {ONE_PAGE}",
        "ListVersionsByFunction": ONE_PAGE,
        "PublishVersion": "PublishTo",
        "PutFunctionEventInvokeConfig": LATEST,
        "RemovePermission": LATEST,
        "UpdateEventSourceMapping": "LoggingConfig",
        "UpdateFunctionCode": "S3ObjectVersion S3ObjectStorageMode PublishTo SourceKMSKeyArn",
        "UpdateFunctionConfiguration": NEW_FUNCTION,
        "UpdateFunctionEventInvokeConfig": LATEST,
        "UpdateFunctionUrlConfig": "Qualifier",
    },
    "stepfunctions": {
        "DescribeExecution": "includedData=ALL_DATA",
        "DescribeStateMachine": "includedData=ALL_DATA",
        "DescribeStateMachineForExecution": "includedData=ALL_DATA",
        "ListExecutions": "mapRunArn redriveFilter",
        "ListMapRuns": "~maxResults ~nextToken",
        "StartExecution": "~traceHeader",
    },
    "sagemakerruntime": {
        "InvokeEndpoint": "PrefixAwareId",
        "InvokeEndpointAsync": "S3OutputPathExtension Filename RequestTTLSeconds InvocationTimeoutSeconds",
    },
    "dynamodb": {
        "CreateTable": f"~TableClass ResourcePolicy GlobalTableSourceArn VectorIndexes {NO_TABLE}",
        "ExportTableToPointInTime": """
            ~ClientToken ExportTime S3SseAlgorithm S3SseKmsKeyId IncrementalExportSpecification FilterSpecification
        """,
        "ImportTable": "~ClientToken InputFormatOptions",
        "ListBackups": "TimeRangeLowerBound TimeRangeUpperBound ExclusiveStartBackupArn BackupType ~Limit",
        "ListExports": "~MaxResults ~NextToken",
        "PutResourcePolicy": "ConfirmRemoveSelfResourceAccess",
        "RestoreTableFromBackup": """
            BillingModeOverride GlobalSecondaryIndexOverride LocalSecondaryIndexOverride ProvisionedThroughputOverride
            OnDemandThroughputOverride SSESpecificationOverride VectorIndexOverride
        """,
        "UpdateTable": f"""
            ~SSESpecification ~TableClass ReplicaUpdates MultiRegionConsistency GlobalTableWitnessUpdates
            DisassociationProtectionEnabled VectorIndexUpdates {NO_TABLE}
        """,
    },
    "iam": {
        "CreateSAMLProvider": "Tags AssertionEncryptionMode AddPrivateKey",
        "CreateVirtualMFADevice": "Tags",
        "GetAccountAuthorizationDetails": ONE_PAGE,
        "GetGroup": ONE_PAGE,
        "ListAccessKeys": ONE_PAGE,
        "ListAccountAliases": ONE_PAGE,
        "ListGroupPolicies": ONE_PAGE,
        "ListGroups": f"PathPrefix {ONE_PAGE}",
        "ListGroupsForUser": ONE_PAGE,
        "ListInstanceProfiles": f"PathPrefix {ONE_PAGE}",
        "ListInstanceProfilesForRole": ONE_PAGE,
        "ListMFADevices": ONE_PAGE,
        "ListPolicies": "PolicyUsageFilter",
        "ListPolicyVersions": ONE_PAGE,
        "ListRolePolicies": ONE_PAGE,
        "ListSSHPublicKeys": ONE_PAGE,
        "ListServerCertificates": f"PathPrefix {ONE_PAGE}",
        "ListSigningCertificates": ONE_PAGE,
        "ListUserPolicies": ONE_PAGE,
        "ListUserTags": ONE_PAGE,
        "UpdateSAMLProvider": "AssertionEncryptionMode AddPrivateKey RemovePrivateKey",
        "UploadServerCertificate": "Tags",
    },
    "sts": {
        "AssumeRole": "ProvidedContexts MinimumSessionTokenSize",
        "GetSessionToken": "SerialNumber TokenCode MinimumSessionTokenSize",
    },
    "cloudwatch": {
        "DescribeAlarms": "ChildrenOfAlarmName ParentsOfAlarmName ~MaxRecords ~NextToken",
        "DescribeAlarmsForMetric": "Statistic ExtendedStatistic Dimensions Period Unit",
        "GetMetricData": "LabelOptions ~MaxDatapoints ~NextToken",
        "GetMetricStatistics": "ExtendedStatistics",
        "ListDashboards": "~NextToken",
        "ListMetrics": "RecentlyActive IncludeLinkedAccounts OwningAccount",
        "PutDashboard": "Tags",
        "PutMetricAlarm": """
            EvaluationWindow WarmUpConfiguration EvaluationCriteria EvaluationInterval ActionConfiguration
        """,
        "PutMetricData": "EntityMetricData StrictEntityValidation",
    },
    "logs": {
        "CreateExportTask": "logStreamNamePrefix",
        "CreateLogGroup": "logGroupClass=STANDARD deletionProtectionEnabled",
        "DeleteResourcePolicy": "resourceArn expectedRevisionId",
        "DescribeExportTasks": "statusCode ~nextToken ~limit",
        "DescribeLogGroups": """
            accountIdentifiers logGroupNamePattern includeLinkedAccounts logGroupIdentifiers logGroupClass=STANDARD
        """,
        "DescribeResourcePolicies": "resourceArn policyScope ~nextToken ~limit",
        "DescribeSubscriptionFilters": "filterNamePrefix ~nextToken ~limit",
        "FilterLogEvents": "~unmask logGroupIdentifier startFromHead",
        "GetLogEvents": "~unmask",
        "PutLogEvents": "~sequenceToken ~entity",
        "PutResourcePolicy": "resourceArn expectedRevisionId",
        "PutSubscriptionFilter": """
            ~distribution applyOnTransformedLogs fieldSelectionCriteria emitSystemFields
        """,
    },
    "kms": {
        "CreateGrant": f"{GRANTS} GranteeServicePrincipal RetiringServicePrincipal",
        "CreateKey": "CustomKeyStoreId XksKeyId ~BypassPolicyLockoutSafetyCheck",
        "Decrypt": f"{GRANTS} EncryptionAlgorithm=SYMMETRIC_DEFAULT Recipient DryRunModifiers",
        "DescribeKey": "~GrantTokens",
        "EnableKeyRotation": "RotationPeriodInDays",
        "Encrypt": f"{GRANTS} EncryptionAlgorithm=SYMMETRIC_DEFAULT",
        "GenerateDataKey": f"{GRANTS} Recipient",
        "GenerateDataKeyWithoutPlaintext": GRANTS,
        "GenerateRandom": "CustomKeyStoreId Recipient",
        "GetPublicKey": "~GrantTokens",
        "ListAliases": "~Limit ~Marker",
        "ListGrants": "GranteePrincipal GranteeServicePrincipal ~Limit ~Marker",
        "ListKeyPolicies": "~Limit ~Marker",
        "ListKeyRotations": "IncludeKeyMaterial",
        "ListKeys": "ResourceOwners ~Limit ~Marker",
        "ListResourceTags": "~Limit ~Marker",
        "ListRetirableGrants": "RetiringServicePrincipal ~Limit ~Marker",
        "PutKeyPolicy": "~BypassPolicyLockoutSafetyCheck",
        "ReEncrypt": f"""
            {GRANTS} SourceEncryptionAlgorithm=SYMMETRIC_DEFAULT DestinationEncryptionAlgorithm=SYMMETRIC_DEFAULT
            DryRunModifiers
        """,
        "ReplicateKey": "Policy Description Tags ~BypassPolicyLockoutSafetyCheck",
        "RetireGrant": "DryRun",
        "RevokeGrant": "DryRun",
        "Sign": GRANTS,
        "Verify": GRANTS,
    },
    "ssm": {"DescribeParameters": "Shared ~MaxResults", "PutParameter": "Policies DataType=text"},
    "budgets": {
        "CreateBudget": "~ResourceTags",
        "DescribeBudget": "~ShowFilterExpression",
        "DescribeBudgets": "~MaxResults ~NextToken ~ShowFilterExpression",
        "DescribeNotificationsForBudget": "~MaxResults",
    },
    "cloudformation": {
        "CreateChangeSet": """
            ~ClientToken ~IncludeNestedStacks ~DisableValidation ResourcesToImport ImportExistingResources
            OnStackFailure=ROLLBACK DeploymentMode RollbackConfiguration NotificationARNs ResourceTypes DeploymentConfig
        """,
        "CreateStack": """
            TimeoutInMinutes OnFailure=ROLLBACK StackPolicyBody StackPolicyURL ~DisableValidation ~ClientRequestToken
            RollbackConfiguration NotificationARNs ResourceTypes DeploymentConfig RetainExceptOnCreate
            EnableTerminationProtection
        """,
        "DeleteStack": "DeletionMode=STANDARD DeploymentConfig ~ClientRequestToken",
        "ExecuteChangeSet": "RetainExceptOnCreate ~ClientRequestToken",
        "DescribeChangeSet": "~IncludePropertyValues",
        "GetTemplateSummary": "StackSetName CallAs ~TemplateSummaryConfig",
        "UpdateStack": """
            StackPolicyBody StackPolicyURL StackPolicyDuringUpdateBody StackPolicyDuringUpdateURL ~DisableValidation
            RollbackConfiguration NotificationARNs ResourceTypes DeploymentConfig RetainExceptOnCreate
            ~ClientRequestToken
        """,
    },
    "applicationautoscaling": {
        "PutScalingPolicy": "StepScalingPolicyConfiguration PredictiveScalingPolicyConfiguration",
        "RegisterScalableTarget": "RoleARN Tags",
    },
    "servicequotas": {
        "GetServiceQuota": "ContextId",
        "ListAWSDefaultServiceQuotas": "~NextToken ~MaxResults",
        "ListServiceQuotas": "QuotaAppliedAtLevel=ACCOUNT ~NextToken ~MaxResults",
    },
    "scheduler": {
        "CreateSchedule": "~ClientToken",
        "CreateScheduleGroup": "~ClientToken",
        "DeleteSchedule": "~ClientToken",
        "DeleteScheduleGroup": "~ClientToken",
        "UpdateSchedule": "~ClientToken",
    },
}
