"""Where a key of KMS is named: what a job writes, and the volumes that SageMaker attaches to instances. Pure.

Without one, SageMaker writes under the account's default key of S3, whatever the bucket's own is.
Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_OutputDataConfig.html (KmsKeyId)
"""

import re
from collections.abc import Iterable

# Families of instances that bring storage of their own, which their hardware encrypts: no key may be named for it.
# Source: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instance-store-volumes.html
LOCAL_STORAGE = re.compile(r"ml\.([a-z]+\d+[a-z]*d[a-z]*|(g[567]|gr6|p[56]|trn[12]|i\d)[a-z0-9-]*)\..+")


def has_local_storage(instance_type: str) -> bool:
    """Whether SageMaker refuses a key for the volume of such an instance."""
    return LOCAL_STORAGE.fullmatch(instance_type) is not None


def output_key(key_arn: str) -> dict[str, str]:
    """The member that names the key of what is written; nothing without a key."""
    return {"KmsKeyId": key_arn} if key_arn else {}


def volumes_key(key_arn: str, instance_types: Iterable[str]) -> str:
    """The key of the volumes of whichever of these types it is; "" where none may be named of one of them."""
    return "" if any(map(has_local_storage, instance_types)) else key_arn


def volume_key(key_arn: str, instance_type: str) -> str:
    """The key of an instance's volume; "" where none may be named."""
    return "" if has_local_storage(instance_type) else key_arn
