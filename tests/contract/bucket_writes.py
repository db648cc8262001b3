"""What the data bucket's own policy says to callers whose policies permit everything: plain data."""

from collections.abc import Iterator

from localcloud.iam.policies import AccessRequest
from tests.contract.least_privilege import ADMIN, with_managed
from tests.contract.role_policies import ARNS, Policies, synthesised

BUCKET = ARNS["AWS::S3::Bucket"].format("DataBucket")
PUT, DELETES = "s3:PutObject", ("s3:DeleteObject", "s3:DeleteObjectVersion")
PUBLISHED = (
    "code/0/evaluate.py",
    "config/models/churn.json",
    "config/pipelines/churn/1.json",
    "config/prices.json",
    "config/versions/churn/0.json",
)
BASELINE, JUDGED = "config/baselines/churn.json", "judged/churn/run/artifact-1/model.tar.gz"
OUTPUT = "pipelines/churn/execution/Train/model.tar.gz"


def all_roles() -> list[str]:
    """ARNs of the template's roles."""
    return sorted({where.holder for where in synthesised().found if where.kind == "trust"})


def write(caller: str, action: str, key: str) -> AccessRequest:
    """A write by one to whom IAM permits everything, whoever it says that it is."""
    context = {"aws:PrincipalArn": (caller,), "aws:SecureTransport": ("true",)}
    return AccessRequest(ADMIN, action, f"{BUCKET}/{key}", context)


def permitted(caller: str, action: str, key: str, publishers: str = "") -> bool:
    """Whether the bucket lets it pass; ``publishers`` is the parameter PublisherArns."""
    policies = synthesised(PublisherArns=publishers) if publishers else synthesised()
    return with_managed(policies).decide(write(caller, action, key)).allowed


def all_writes() -> Iterator[AccessRequest]:
    """Every caller's every write to an example of each prefix that the policy names."""
    for caller in [*all_roles(), ADMIN]:
        for action in (PUT, *DELETES):
            for key in (*PUBLISHED, BASELINE, JUDGED):
                yield write(caller, action, key)


def of_bucket(policies: Policies) -> Policies:
    """The bucket's statements alone, and the administrator's."""
    return with_managed(Policies({where: one for where, one in policies.found.items() if where.holder == BUCKET}))
