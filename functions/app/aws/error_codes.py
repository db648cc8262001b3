"""AWS's error codes, and which of our errors each is: complete for every operation that the app calls.

A contract test holds the table against botocore's models of those operations and its lists of what to retry.
Source of the codes that no model lists: https://docs.aws.amazon.com/sagemaker/latest/APIReference/CommonErrors.html and
https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
"""

from app.errors import (
    AccessDenied,
    CallRefused,
    ContainerFailed,
    Contended,
    Gone,
    KeyUnusable,
    ObjectArchived,
    QuotaReached,
    QuotaTooLow,
    ResourceMissing,
    RetrainError,
    ServiceUnavailable,
    Throttled,
)

CODES: dict[type[RetrainError], str] = {
    Throttled: """Throttling ThrottlingException ThrottledException RequestThrottled RequestThrottledException SlowDown
        TooManyRequestsException RequestLimitExceeded LimitExceededException ProvisionedThroughputExceededException
        BandwidthLimitExceeded PriorRequestNotComplete EC2ThrottledException KMSThrottling KmsThrottlingException
        KmsThrottled""",
    ServiceUnavailable: """InternalFailure InternalError InternalServerError InternalServiceException ServiceException
        ServiceUnavailable ServiceUnavailableException RequestTimeout RequestTimeoutException RequestAbortedException
        BadDigest ExpiredToken ExpiredTokenException RequestExpired RequestTimeTooSkewed IDPCommunicationError
        InternalDependencyException ModelNotReadyException ResourceNotReadyException EC2UnexpectedException
        ENINotReadyException EFSIOException EFSMountTimeoutException S3FilesMountTimeoutException
        SnapStartNotReadyException SnapStartTimeoutException CodeArtifactUserPendingException""",
    Contended: """TransactionConflictException TransactionInProgressException ReplicatedWriteConflictException
        ConflictException ConcurrentUpdateException ResourceConflict ResourceConflictException OperationAborted""",
    QuotaReached: """ResourceLimitExceeded OverLimit ExecutionLimitExceeded ENILimitReachedException
        SubnetIPAddressLimitReachedException""",
    QuotaTooLow: "LimitExceeded ServiceQuotaExceededException",
    AccessDenied: """AccessDenied AccessDeniedException AuthorizationError NotAuthorized OptInRequired 403
        UnrecognizedClientException InvalidClientTokenId IncompleteSignature SignatureDoesNotMatch
        FailedResourceAccessException
        KMSAccessDenied KmsAccessDenied KMSAccessDeniedException KmsAccessDeniedException EC2AccessDeniedException""",
    KeyUnusable: """KMSDisabled KMSDisabledException KMSInvalidState KMSInvalidStateException KmsInvalidStateException
        KMSNotFound KMSNotFoundException KMSOptInRequired KMS.DisabledException
        KMS.KMSInvalidStateException KMS.NotFoundException KmsDisabled KmsInvalidState KmsNotFound KmsOptInRequired
        KmsInvalidKeyUsage""",
    Gone: "NoSuchKey NoSuchVersion 404",
    ObjectArchived: "InvalidObjectState ObjectNotInActiveTierError",
    ResourceMissing: """QueueDoesNotExist AWS.SimpleQueueService.NonExistentQueue
        NoSuchBucket NotFound ObjectNotFoundException ResourceNotFound ResourceNotFoundException ExecutionDoesNotExist
        StateMachineDoesNotExist StateMachineDeleting NoPublishedVersionException RuntimeAliasDeletedException
        RuntimeVersionDeletedException CodeArtifactUserDeletedException""",
    ContainerFailed: "ModelError",
    CallRefused: """ValidationException ValidationError InvalidArn InvalidExecutionInput InvalidName InvalidOutput
        InvalidToken InvalidParameter InvalidParameterException InvalidParameterValueException ParameterValueInvalid
        InvalidRequest InvalidRequestContentException InvalidSecurity InvalidSecurityGroupIDException
        InvalidSubnetIDException InvalidRuntimeException InvalidZipFileException InvalidWriteOffset
        EncryptionTypeMismatch TooManyParts NoSuchUpload EntityTooSmall EntityTooLarge
        InvalidPart InvalidPartOrder ResourceInUse ExecutionAlreadyExists InvalidNextToken
        InvalidIdFormat TaskDoesNotExist TaskTimedOut
        ConditionalCheckFailedException TransactionCanceledException IdempotentParameterMismatchException
        ItemCollectionSizeLimitExceededException RequestTooLargeException RequestEntityTooLargeException
        SerializedRequestEntityTooLargeException UnsupportedMediaTypeException UnknownOperationException
        MalformedHttpRequestException RecursiveInvocationException ModeNotSupportedException SnapStartException
        SnapStartRegenerationFailureException DurableExecutionAlreadyStartedException EFSMountConnectivityException
        EFSMountFailureException S3FilesMountConnectivityException S3FilesMountFailureException
        CodeArtifactUserFailedException EndpointDisabled PlatformApplicationDisabled
        InvalidAddress InvalidAttributeName InvalidMessageContents ReceiptHandleIsInvalid
        MessageNotInflight AWS.SimpleQueueService.MessageNotInflight UnsupportedOperation
        BatchEntryIdsNotDistinct EmptyBatchRequest InvalidBatchEntryId TooManyEntriesInBatchRequest""",
}

MEANINGS: dict[str, type[RetrainError]] = {code: error for error, codes in CODES.items() for code in codes.split()}

# What a code means of one operation alone: here no rate is too high, the account has as much as it may have.
# Source: https://docs.aws.amazon.com/autoscaling/application/APIReference/API_RegisterScalableTarget.html (Errors)
OF_OPERATIONS: dict[tuple[str, str], type[RetrainError]] = {
    ("RegisterScalableTarget", "LimitExceededException"): QuotaTooLow,
    ("PutScalingPolicy", "LimitExceededException"): QuotaTooLow,
}

STATUSES: dict[int, type[RetrainError]] = {403: AccessDenied, 429: Throttled, 509: Throttled, 501: CallRefused}


def meaning(code: str, status: int, operation: str = "") -> type[RetrainError]:
    """Our error for AWS's ``code`` of an ``operation``; an unknown one goes by its HTTP ``status``: AWS's own fault, or
    a refusal.
    """
    known = OF_OPERATIONS.get((operation, code)) or MEANINGS.get(code)
    return known or STATUSES.get(status) or (ServiceUnavailable if status >= 500 else CallRefused)
