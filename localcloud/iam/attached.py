"""The policies that are in force now, as moto keeps them: of a role, of a resource, and who may assume a role."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from moto.awslambda.exceptions import UnknownFunctionException
from moto.awslambda.models import lambda_backends
from moto.dynamodb.models import dynamodb_backends
from moto.iam.models import Role, User, iam_backends
from moto.kms.models import kms_backends
from moto.s3.models import s3_backends
from moto.sns.models import sns_backends
from moto.sqs.models import sqs_backends

from localcloud.iam.api import sessions
from localcloud.iam.iam_actions import StandingRole
from localcloud.iam.permissions import Place
from localcloud.iam.policies import Document, Limit, boundary


def of_role(arn: str, account: str) -> list[Document]:
    """A role's inline and attached policies; none for a role that does not exist."""
    return list((policies_of_role(arn, account) or {}).values())


def policies_of_role(arn: str, account: str) -> dict[str, Document] | None:
    """A role's inline policies by name and its attached ones by ARN; None for a role that does not exist."""
    role = _role(arn, account)
    if role is None:
        return None
    managed = {
        policy.arn: version.document
        for policy in role.managed_policies.values()
        for version in policy.versions
        if version.version_id == policy.default_version_id
    }
    return {name: _document(text) for name, text in (role.policies | managed).items()}


def of_principal(arn: str, account: str) -> list[Document]:
    """The policies of a role, or of a user and the user's groups."""
    user = _user(arn, account)
    if user is None:
        return of_role(arn, account)
    backend = iam_backends[account]["aws"]
    holders = [user, *(group for group in backend.groups.values() if user in group.users)]
    inline = [_document(text) for holder in holders for text in dict(holder.policies).values()]
    managed = [policy for holder in holders for policy in holder.managed_policies.values()]
    return inline + [_document(_in_force(policy)) for policy in managed]


def limits_of(arn: str, account: str) -> list[Limit]:
    """What bounds a role's policies: its permissions boundary, where it has one."""
    role = _role(arn, account)
    named = role.permissions_boundary_arn if role else None
    if not named:
        return []
    policy = iam_backends[account]["aws"].managed_policies.get(named)
    return [boundary(_document(_in_force(policy)) if policy else None)]


def limits_of_session(session: Any, account: str) -> list[Limit]:
    """The policies that a role's session was begun with; of a managed one that is gone nothing is admitted."""
    inline, arns = session.policy, sessions.policy_arns_of(session)
    if not inline and not arns:
        return []
    found = [iam_backends[account]["aws"].managed_policies.get(arn) for arn in arns]
    managed = [_document(_in_force(policy)) for policy in found if policy]
    return [Limit("session policy", [*([_document(inline)] if inline else []), *managed])]


def standing_role(name: str, account: str) -> StandingRole | None:
    """A role by its name, as policies may ask about it; None where there is none."""
    found = next((role for role in list(iam_backends[account]["aws"].roles.values()) if role.name == name), None)
    if found is None:
        return None
    return StandingRole(found.arn, found.permissions_boundary_arn or "", tags_of(found.arn, account))


def tags_of(arn: str, account: str) -> dict[str, str]:
    """The tags of a role or a user, which policies may ask for."""
    holder = _user(arn, account) or _role(arn, account)
    if holder is None:
        return {}
    if isinstance(holder, Role):
        return {str(tag["Key"]): str(tag["Value"]) for tag in holder.tags}
    of_user = iam_backends[account]["aws"].tagger.get_tag_dict_for_resource(arn)
    return {name: str(value) for name, value in of_user.items()}


def tags_of_key(named: str, place: Place) -> dict[str, str]:
    """The tags of a key of KMS that is named by its id or ARN."""
    backend = kms_backends[place.account][place.region]
    key = backend.keys.get(named.rpartition("/")[2])
    listed = backend.list_resource_tags(key.id)["Tags"] if key else []
    return {str(tag["TagKey"]): str(tag["TagValue"]) for tag in listed}


def _user(arn: str, account: str) -> User | None:
    return next((user for user in list(iam_backends[account]["aws"].users.values()) if user.arn == arn), None)


def _in_force(policy: Any) -> Any:
    return next(one.document for one in policy.versions if one.version_id == policy.default_version_id)


def trust_of(arn: str, account: str) -> list[Document]:
    """Who may assume a role."""
    role = _role(arn, account)
    return [_document(role.assume_role_policy_document)] if role else []


def of_resource(arn: str, account: str) -> list[Document]:
    """The policy of a queue, topic, function or bucket; none where it has none."""
    parts = arn.split(":", 5)
    if len(parts) < 6:
        return []
    _, _, service, region, _, rest = parts
    finder = _FINDERS.get(service)
    text = finder(account, region, rest, arn) if finder else None
    return [_document(text)] if text else []


def partition_key(table_arn: str) -> str:
    """The name of a table's partition key; "" for one that is not there."""
    _, _, _, region, account, rest = table_arn.split(":", 5)
    table = dynamodb_backends[account][region].tables.get(rest.removeprefix("table/"))
    return str(table.hash_key_attr) if table else ""


def roles(account: str) -> dict[str, dict[str, Any]]:
    """Every role with its trust and its policies, for those who compare."""
    return {
        role.arn: {"trust": trust_of(role.arn, account), "policies": of_role(role.arn, account)}
        for role in list(iam_backends[account]["aws"].roles.values())
    }


def _role(arn: str, account: str) -> Role | None:
    found = iam_backends[account]["aws"].roles.values()
    return next((role for role in list(found) if role.arn == arn), None)


def _queue(account: str, region: str, rest: str, arn: str) -> Any:
    queue = sqs_backends[account][region].queues.get(rest)
    return queue.policy if queue else None


def _topic(account: str, region: str, rest: str, arn: str) -> Any:
    topic = sns_backends[account][region].topics.get(arn)
    return topic.policy if topic else None


def _function(account: str, region: str, rest: str, arn: str) -> Any:
    try:
        function = lambda_backends[account][region].get_function(rest.split(":")[1])
    except UnknownFunctionException:
        return None
    return {"Statement": function.policy.statements} if function.policy else None


def _bucket(account: str, region: str, rest: str, arn: str) -> Any:
    bucket = s3_backends[account]["aws"].buckets.get(rest.partition("/")[0])
    return bucket.policy if bucket else None


_FINDERS: Mapping[str, Any] = {"sqs": _queue, "sns": _topic, "lambda": _function, "s3": _bucket}


def _document(given: Any) -> Document:
    if isinstance(given, Mapping):
        return given
    return _parsed(given.decode() if isinstance(given, bytes) else given)


@lru_cache(maxsize=1024)
def _parsed(text: str) -> Document:
    found: Document = json.loads(text)
    return found
