"""How S3 refuses what breaks a bound of its model: in words of its own for headers, as MalformedXML in a body. Pure.

Source: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html (InvalidStorageClass, MalformedXML), and
https://github.com/localstack/localstack/blob/main/tests/aws/services/s3/test_s3.snapshot.json, what S3 itself answered
"""

from __future__ import annotations

from collections.abc import Collection

from localcloud.front.bounds.constraints import Broken
from localcloud.front.malformed.s3 import NO_XML
from localcloud.front.malformed.texts import Fault

_OF_MEMBERS = {  # by the path of a header, a parameter of the query, or what a body has in words of its own
    ".checksumAlgorithm": Fault(
        "InvalidRequest", "Checksum algorithm provided is unsupported. Please try again with any of the valid types: "
        "[CRC32, CRC32C, CRC64NVME, SHA1, SHA256]",
    ),
    ".createBucketConfiguration.locationConstraint": Fault(
        "InvalidLocationConstraint", "The specified location-constraint is not valid"
    ),
    ".encodingType": Fault("InvalidArgument", "Invalid Encoding Method specified in Request"),
    ".metadataDirective": Fault("InvalidArgument", "Unknown metadata directive."),
    ".objectLockLegalHoldStatus": Fault("InvalidArgument", "Legal Hold must be either of 'ON' or 'OFF'"),
    ".objectLockMode": Fault("InvalidArgument", "Unknown wormMode directive."),
    ".serverSideEncryption": Fault("InvalidArgument", "The encryption method specified is not supported"),
    ".storageClass": Fault("InvalidStorageClass", "The storage class you specified is not valid"),
    ".taggingDirective": Fault("InvalidArgument", "Unknown tagging directive."),
}  # fmt: skip
# What is there or not decides which operation a request is; who acts on it says what is missing.
_ABSENT = "not be null"


def find_fault(broken: Collection[Broken]) -> Fault | None:
    """The first thing that S3 refuses of what breaks a bound."""
    return next((_of(one) for one in broken if one.rule != _ABSENT or one.path.count(".") > 1), None)


def _of(one: Broken) -> Fault:
    if known := _OF_MEMBERS.get(one.path):
        return known
    if one.path.count(".") > 1:
        return NO_XML
    return Fault("InvalidArgument", f"{one.value} at '{one.path[1:]}' must {one.rule}")
