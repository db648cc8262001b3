"""What may be set in a request to SageMaker: each operation's members, and what becomes of them. Pure data.

A member that is not here is refused by name when it is set, so nothing can be ignored in silence: what botocore learns
tomorrow is refused until somebody plays it. The notation:

- ``Name`` is played: it changes what happens;
- ``~Name`` is taken and described again, as there is nothing on one machine that it could change: a disk's size, a key
  for what is not encrypted, a network, a record of somebody's;
- ``Name=value`` is taken with this value alone, which asks for nothing (``False``, ``None``, ``GZIP``);
- ``Name(...)`` is a structure, or a list of structures, with the members that it may have; ``Name*`` one of any.
"""

from __future__ import annotations

TAGS = "Tags(Key Value)"
EXPERIMENT = "~ExperimentConfig(~TrialComponentDisplayName)"  # SDKs leave this of it in a pipeline's steps
VPC = "~VpcConfig(~SecurityGroupIds ~Subnets)"
PAGE = "NextToken MaxResults SortOrder"
CREATED = "CreationTimeAfter CreationTimeBefore"
SINCE = "CreatedAfter CreatedBefore"
MODIFIED = "LastModifiedTimeAfter LastModifiedTimeBefore"
PARALLELISM = "ParallelismConfiguration(MaxParallelExecutionSteps)"
DEFINITION = "PipelineDefinition PipelineDefinitionS3Location(Bucket ObjectKey VersionId)"
PREFERENCES = "InstancePreferences(InstanceType InstanceCount)"
METRICS = "MetricDefinitions(Name Regex)"
CHANNELS = """
    InputDataConfig(
        ChannelName DataSource(S3DataSource(S3DataType S3Uri S3DataDistributionType)) ContentType CompressionType=None
        RecordWrapperType=None InputMode
    )
"""
OUTPUT = "OutputDataConfig(~KmsKeyId S3OutputPath CompressionType=GZIP)"
RESOURCES = f"InstanceType InstanceCount ~VolumeSizeInGB ~VolumeKmsKeyId KeepAlivePeriodInSeconds=0 {PREFERENCES}"
TRAINING = f"""
    RoleArn {CHANNELS} {OUTPUT} {VPC} ResourceConfig({RESOURCES})
    StoppingCondition(MaxRuntimeInSeconds MaxWaitTimeInSeconds) ~EnableNetworkIsolation
    ~EnableInterContainerTrafficEncryption EnableManagedSpotTraining CheckpointConfig(S3Uri LocalPath)
    ~RetryStrategy(~MaximumRetryAttempts) Environment
"""
RANGES = """(
    IntegerParameterRanges(Name MinValue MaxValue ScalingType)
    ContinuousParameterRanges(Name MinValue MaxValue ScalingType)
    CategoricalParameterRanges(Name Values)
)"""
TRANSFORM_INPUT = """
    TransformInput(DataSource(S3DataSource(S3DataType S3Uri)) ContentType CompressionType SplitType)
    TransformOutput(S3OutputPath Accept AssembleWith ~KmsKeyId)
"""
CONTAINER = """(
    ~ContainerHostname Image ~ImageConfig(~RepositoryAccessMode ~RepositoryAuthConfig*) Mode=SingleModel ModelDataUrl
    ModelDataSource(S3DataSource(S3Uri S3DataType=S3Object CompressionType=Gzip)) Environment ModelPackageName
)"""
SIZE = "(Type Value)"
CAPTURE = """
    DataCaptureConfig(
        EnableCapture InitialSamplingPercentage DestinationS3Uri KmsKeyId CaptureOptions(CaptureMode)
        CaptureContentTypeHeader(CsvContentTypes JsonContentTypes)
    )
"""
DEPLOYMENT = f"""
    DeploymentConfig(
        BlueGreenUpdatePolicy(
            TrafficRoutingConfiguration(Type WaitIntervalInSeconds CanarySize{SIZE} LinearStepSize{SIZE})
            TerminationWaitInSeconds MaximumExecutionTimeoutInSeconds
        )
        AutoRollbackConfiguration(Alarms(AlarmName))
    )
"""
VARIANT = """(
    VariantName ModelName InitialInstanceCount InstanceType InstancePools(InstanceType Priority) InitialVariantWeight
    ServerlessConfig(~MemorySizeInMB ~MaxConcurrency) ~VolumeSizeInGB ~ModelDataDownloadTimeoutInSeconds
    ContainerStartupHealthCheckTimeoutInSeconds ~RoutingConfig(~RoutingStrategy) EnableSSMAccess=False
)"""
RECORD = """
    ~CustomerMetadataProperties ~SourceUri ~ModelCard* ~ModelLifeCycle* InferenceSpecification* ModelApprovalStatus
"""

MEMBERS: dict[str, str] = {
    # --- jobs
    "CreateProcessingJob": f"""
        ProcessingJobName RoleArn {TAGS} Environment {EXPERIMENT}
        AppSpecification(ImageUri ContainerEntrypoint ContainerArguments)
        ProcessingInputs(
            InputName AppManaged=False
            S3Input(S3Uri LocalPath S3DataType S3InputMode S3DataDistributionType S3CompressionType=None)
        )
        ProcessingOutputConfig(
            Outputs(OutputName AppManaged=False S3Output(S3Uri LocalPath S3UploadMode)) ~KmsKeyId
        )
        ProcessingResources(
            ClusterConfig(InstanceCount InstanceType ~VolumeSizeInGB ~VolumeKmsKeyId {PREFERENCES})
        )
        StoppingCondition(MaxRuntimeInSeconds)
        ~NetworkConfig(~EnableInterContainerTrafficEncryption ~EnableNetworkIsolation {VPC})
    """,
    "DescribeProcessingJob": "ProcessingJobName",
    "StopProcessingJob": "ProcessingJobName",
    "ListProcessingJobs": f"{PAGE} SortBy {CREATED} {MODIFIED} NameContains StatusEquals",
    "CreateTrainingJob": f"""
        TrainingJobName HyperParameters {TAGS} {TRAINING} {EXPERIMENT}
        AlgorithmSpecification(
            TrainingImage TrainingInputMode {METRICS} ~EnableSageMakerMetricsTimeSeries ContainerEntrypoint
            ContainerArguments ~TrainingImageConfig*
        )
        ~DebugHookConfig* ~ProfilerConfig* ~ProfilerRuleConfigurations* RemoteDebugConfig(EnableRemoteDebug=False)
        InfraCheckConfig(EnableInfraCheck=False) SessionChainingConfig(EnableSessionTagChaining=False)
    """,
    "DescribeTrainingJob": "TrainingJobName",
    "StopTrainingJob": "TrainingJobName",
    "ListTrainingJobs": f"{PAGE} SortBy {CREATED} {MODIFIED} NameContains StatusEquals",
    "CreateHyperParameterTuningJob": f"""
        HyperParameterTuningJobName {TAGS}
        HyperParameterTuningJobConfig(
            Strategy StrategyConfig(HyperbandStrategyConfig(MinResource MaxResource))
            HyperParameterTuningJobObjective(Type MetricName)
            ResourceLimits(MaxNumberOfTrainingJobs MaxParallelTrainingJobs MaxRuntimeInSeconds)
            ParameterRanges{RANGES} TrainingJobEarlyStoppingType RandomSeed
            TuningJobCompletionCriteria(
                TargetObjectiveMetricValue BestObjectiveNotImproving(MaxNumberOfTrainingJobsNotImproving)
                ConvergenceDetected(CompleteOnConvergence=Disabled)
            )
        )
        TrainingJobDefinition(
            ~DefinitionName TuningObjective(Type MetricName) HyperParameterRanges{RANGES} StaticHyperParameters
            AlgorithmSpecification(TrainingImage TrainingInputMode {METRICS}) {TRAINING}
            HyperParameterTuningResourceConfig(
                InstanceType InstanceCount ~VolumeSizeInGB ~VolumeKmsKeyId AllocationStrategy=Prioritized
                InstanceConfigs(InstanceType InstanceCount ~VolumeSizeInGB)
            )
        )
    """,
    "DescribeHyperParameterTuningJob": "HyperParameterTuningJobName",
    "StopHyperParameterTuningJob": "HyperParameterTuningJobName",
    "ListHyperParameterTuningJobs": f"{PAGE} SortBy {CREATED} {MODIFIED} NameContains StatusEquals",
    "ListTrainingJobsForHyperParameterTuningJob": f"HyperParameterTuningJobName {PAGE} SortBy StatusEquals",
    "CreateTransformJob": f"""
        TransformJobName ModelName MaxConcurrentTransforms MaxPayloadInMB BatchStrategy Environment {TRANSFORM_INPUT}
        TransformResources(InstanceType InstanceCount ~VolumeKmsKeyId)
        DataProcessing(InputFilter OutputFilter JoinSource) {TAGS} {EXPERIMENT}
    """,
    "DescribeTransformJob": "TransformJobName",
    "StopTransformJob": "TransformJobName",
    "ListTransformJobs": f"{PAGE} SortBy {CREATED} {MODIFIED} NameContains StatusEquals",
    # --- models and endpoints
    "CreateModel": f"""
        ModelName PrimaryContainer{CONTAINER} Containers{CONTAINER} InferenceExecutionConfig(Mode=Serial)
        ExecutionRoleArn {TAGS} {VPC} ~EnableNetworkIsolation
    """,
    "DescribeModel": "ModelName",
    "DeleteModel": "ModelName",
    "ListModels": f"{PAGE} SortBy {CREATED} NameContains",
    "CreateEndpointConfig": f"""
        EndpointConfigName ProductionVariants{VARIANT} ShadowProductionVariants{VARIANT} {CAPTURE} {TAGS} ~KmsKeyId
    """,
    "DescribeEndpointConfig": "EndpointConfigName",
    "DeleteEndpointConfig": "EndpointConfigName",
    "ListEndpointConfigs": f"{PAGE} SortBy {CREATED} NameContains",
    "CreateEndpoint": f"EndpointName EndpointConfigName {DEPLOYMENT} {TAGS}",
    "DescribeEndpoint": "EndpointName",
    "DeleteEndpoint": "EndpointName",
    "ListEndpoints": f"{PAGE} SortBy {CREATED} {MODIFIED} NameContains StatusEquals",
    "UpdateEndpoint": f"""
        EndpointName EndpointConfigName {DEPLOYMENT} RetainDeploymentConfig RetainAllVariantProperties
        ExcludeRetainedVariantProperties(VariantPropertyType)
    """,
    "UpdateEndpointWeightsAndCapacities": """
        EndpointName DesiredWeightsAndCapacities(VariantName DesiredWeight DesiredInstanceCount)
    """,
    # --- registry
    "CreateModelPackageGroup": f"ModelPackageGroupName ~ModelPackageGroupDescription {TAGS}",
    "DescribeModelPackageGroup": "ModelPackageGroupName",
    "DeleteModelPackageGroup": "ModelPackageGroupName",
    "ListModelPackageGroups": f"{PAGE} SortBy {CREATED} NameContains CrossAccountFilterOption=SameAccount",
    "CreateModelPackage": f"""
        ModelPackageName ModelPackageGroupName ~ModelPackageDescription {RECORD} {TAGS} ClientToken
        CertifyForMarketplace=False ~MetadataProperties* ~ModelMetrics* ~Domain ~Task ~SamplePayloadUrl
        ~DriftCheckBaselines* ~AdditionalInferenceSpecifications* ~SkipModelValidation ~SecurityConfig*
    """,
    "DescribeModelPackage": "ModelPackageName IncludedData=AllData",
    "UpdateModelPackage": f"""
        ModelPackageArn {RECORD} ~ApprovalDescription CustomerMetadataPropertiesToRemove
        AdditionalInferenceSpecificationsToAdd* ~ClientToken
    """,
    "DeleteModelPackage": "ModelPackageName",
    "ListModelPackages": f"""
        {PAGE} SortBy {CREATED} NameContains ModelApprovalStatus ModelPackageGroupName ModelPackageType
    """,
    "BatchDescribeModelPackage": "ModelPackageArnList",
    # --- lineage
    "ListAssociations": f"""
        {PAGE} SortBy=CreationTime {SINCE} SourceArn DestinationArn SourceType DestinationType AssociationType
    """,
    "ListArtifacts": f"{PAGE} SortBy=CreationTime {SINCE} SourceUri ArtifactType",
    "DescribeArtifact": "ArtifactArn",
    "ListContexts": f"{PAGE} SortBy=CreationTime {SINCE} SourceUri ContextType",
    "DescribeContext": "ContextName",
    "ListActions": f"{PAGE} SortBy=CreationTime {SINCE} SourceUri ActionType",
    "DescribeAction": "ActionName",
    "ListTrialComponents": f"{PAGE} SortBy=CreationTime {SINCE} SourceArn ExperimentName TrialName",
    "DescribeTrialComponent": "TrialComponentName",
    # --- pipelines
    "CreatePipeline": f"""
        PipelineName ~PipelineDisplayName {DEFINITION} ~PipelineDescription ClientRequestToken RoleArn {TAGS}
        {PARALLELISM}
    """,
    "UpdatePipeline": f"PipelineName ~PipelineDisplayName {DEFINITION} ~PipelineDescription RoleArn {PARALLELISM}",
    "DeletePipeline": "PipelineName ClientRequestToken",
    "DescribePipeline": "PipelineName PipelineVersionId",
    "ListPipelines": f"{PAGE} SortBy PipelineNamePrefix {SINCE}",
    "ListPipelineVersions": f"{PAGE} PipelineName {SINCE}",
    "UpdatePipelineVersion": """
        PipelineArn PipelineVersionId ~PipelineVersionDisplayName ~PipelineVersionDescription
    """,
    "StartPipelineExecution": f"""
        PipelineName ~PipelineExecutionDisplayName PipelineParameters(Name Value) ~PipelineExecutionDescription
        ClientRequestToken {PARALLELISM} PipelineVersionId RoleArn
        SelectiveExecutionConfig(SourcePipelineExecutionArn SelectedSteps(StepName))
    """,
    "StopPipelineExecution": "PipelineExecutionArn ClientRequestToken",
    "RetryPipelineExecution": f"PipelineExecutionArn ClientRequestToken {PARALLELISM}",
    "DescribePipelineExecution": "PipelineExecutionArn",
    "UpdatePipelineExecution": f"""
        PipelineExecutionArn ~PipelineExecutionDescription ~PipelineExecutionDisplayName {PARALLELISM}
    """,
    "ListPipelineExecutions": f"{PAGE} SortBy PipelineName {SINCE}",
    "ListPipelineExecutionSteps": f"{PAGE} PipelineExecutionArn",
    "ListPipelineParametersForExecution": "PipelineExecutionArn NextToken MaxResults",
    "DescribePipelineDefinitionForExecution": "PipelineExecutionArn",
    "SendPipelineExecutionStepSuccess": "CallbackToken OutputParameters(Name Value) ClientRequestToken",
    "SendPipelineExecutionStepFailure": "CallbackToken FailureReason ClientRequestToken",
    # --- tags
    "AddTags": f"ResourceArn {TAGS}",
    "ListTags": "ResourceArn NextToken MaxResults",
    "DeleteTags": "ResourceArn TagKeys",
}

# What to do instead of setting a member that is refused.
INSTEAD: dict[str, str] = {
    "TrainingJobDefinitions": "start a tuning job for each algorithm",
    "WarmStartConfig": "a tuning job starts from nothing here",
    "Autotune": "give ranges and a strategy",
    "ConvergenceDetected.CompleteOnConvergence": "use BestObjectiveNotImproving",
    "RollingUpdatePolicy": "use BlueGreenUpdatePolicy",
    "PipelineVersionAlias": "name the version by its PipelineVersionId",
    "AsyncInferenceConfig": "use a batch transform job",
}
