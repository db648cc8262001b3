"""What may be asked of the services that keep accounts, keys, parameters and quotas."""

from __future__ import annotations

import json
from typing import Any

ACCOUNT = "123456789012"
TAGS = [{"Key": "team", "Value": "ml"}]
STATEMENT = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
POLICY = json.dumps({"Version": "2012-10-17", "Statement": [STATEMENT]})
TRUST = json.dumps({
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "sts:AssumeRole"}],
})  # fmt: skip


def iam(ask: Any) -> None:
    policy = {
        "PolicyArn": ask(
            "CreatePolicy", PolicyName="answers", PolicyDocument=POLICY, Description="d", Path="/a/", Tags=TAGS
        )["Policy"]["Arn"]
    }
    _roles(ask, policy)
    _users(ask, policy)
    _groups(ask, policy)
    ask("GetPolicy", **policy)
    ask("CreatePolicyVersion", **policy, PolicyDocument=POLICY)
    ask("SetDefaultPolicyVersion", **policy, VersionId="v2")
    ask("GetPolicyVersion", **policy, VersionId="v1")
    ask("ListPolicyVersions", **policy)
    ask("ListPolicies", Scope="Local")
    ask("TagPolicy", **policy, Tags=TAGS)
    ask("ListPolicyTags", **policy)
    ask("UntagPolicy", **policy, TagKeys=["team"])
    ask("DeletePolicyVersion", **policy, VersionId="v1")
    ask("DeletePolicy", **policy)
    ask("GetAccountSummary")
    ask("CreateAccountAlias", AccountAlias="answers")
    ask("ListAccountAliases")
    ask("DeleteAccountAlias", AccountAlias="answers")
    ask("UpdateAccountPasswordPolicy", MaxPasswordAge=9, PasswordReusePrevention=3)
    ask("GetAccountPasswordPolicy")
    ask("DeleteAccountPasswordPolicy")
    ask("GenerateCredentialReport")
    ask("GenerateCredentialReport")
    ask("GetCredentialReport")
    _providers(ask)


def _roles(ask: Any, policy: Any) -> None:
    own = {"RoleName": "answers"}
    ask(
        "CreateRole",
        **own,
        AssumeRolePolicyDocument=TRUST,
        Description="d",
        Tags=TAGS,
        PermissionsBoundary=policy["PolicyArn"],
    )
    ask("GetRole", **own)
    ask("ListRoles")
    ask("UpdateRole", **own, Description="e", MaxSessionDuration=7200)
    ask("UpdateRoleDescription", **own, Description="f")
    ask("UpdateAssumeRolePolicy", **own, PolicyDocument=TRUST)
    ask("PutRolePermissionsBoundary", **own, PermissionsBoundary=policy["PolicyArn"])
    ask("DeleteRolePermissionsBoundary", **own)
    ask("PutRolePolicy", **own, PolicyName="a", PolicyDocument=POLICY)
    ask("GetRolePolicy", **own, PolicyName="a")
    ask("ListRolePolicies", **own)
    ask("AttachRolePolicy", **own, **policy)
    ask("ListAttachedRolePolicies", **own)
    ask("ListEntitiesForPolicy", **policy)
    ask("TagRole", **own, Tags=TAGS)
    ask("ListRoleTags", **own)
    ask("SimulatePrincipalPolicy", PolicySourceArn=f"arn:aws:iam::{ACCOUNT}:role/answers", ActionNames=["s3:GetObject"])
    ask("SimulateCustomPolicy", PolicyInputList=[POLICY], ActionNames=["s3:GetObject"])
    ask("CreateInstanceProfile", InstanceProfileName="answers", Tags=TAGS)
    ask("AddRoleToInstanceProfile", InstanceProfileName="answers", **own)
    ask("GetInstanceProfile", InstanceProfileName="answers")
    ask("ListInstanceProfiles")
    ask("ListInstanceProfilesForRole", **own)
    ask("TagInstanceProfile", InstanceProfileName="answers", Tags=TAGS)
    ask("UntagInstanceProfile", InstanceProfileName="answers", TagKeys=["team"])
    ask("RemoveRoleFromInstanceProfile", InstanceProfileName="answers", **own)
    ask("DeleteInstanceProfile", InstanceProfileName="answers")
    ask("GetAccountAuthorizationDetails")
    ask("UntagRole", **own, TagKeys=["team"])
    ask("DetachRolePolicy", **own, **policy)
    ask("DeleteRolePolicy", **own, PolicyName="a")
    ask("DeleteRole", **own)
    made = ask("CreateServiceLinkedRole", AWSServiceName="events.amazonaws.com", Description="d")["Role"]
    task = ask("DeleteServiceLinkedRole", RoleName=made["RoleName"])["DeletionTaskId"]
    ask("GetServiceLinkedRoleDeletionStatus", DeletionTaskId=task)


def _users(ask: Any, policy: Any) -> None:
    own = {"UserName": "answers"}
    ask("CreateUser", **own, Tags=TAGS, Path="/a/")
    ask("GetUser", **own)
    ask("ListUsers")
    ask("UpdateUser", **own, NewPath="/b/")
    key = ask("CreateAccessKey", **own)["AccessKey"]["AccessKeyId"]
    ask("ListAccessKeys", **own)
    ask("GetAccessKeyLastUsed", AccessKeyId=key)
    ask("UpdateAccessKey", **own, AccessKeyId=key, Status="Inactive")
    ask("DeleteAccessKey", **own, AccessKeyId=key)
    ask("CreateLoginProfile", **own, Password="Secret-1-answers", PasswordResetRequired=True)
    ask("GetLoginProfile", **own)
    ask("UpdateLoginProfile", **own, Password="Secret-2-answers")
    ask("DeleteLoginProfile", **own)
    ask("PutUserPolicy", **own, PolicyName="a", PolicyDocument=POLICY)
    ask("GetUserPolicy", **own, PolicyName="a")
    ask("ListUserPolicies", **own)
    ask("AttachUserPolicy", **own, **policy)
    ask("ListAttachedUserPolicies", **own)
    ask("TagUser", **own, Tags=TAGS)
    ask("ListUserTags", **own)
    ask("UntagUser", **own, TagKeys=["team"])
    ask("DetachUserPolicy", **own, **policy)
    ask("DeleteUserPolicy", **own, PolicyName="a")
    serial = ask("CreateVirtualMFADevice", VirtualMFADeviceName="answers")["VirtualMFADevice"]["SerialNumber"]
    codes = {"AuthenticationCode1": "123456", "AuthenticationCode2": "123457"}
    ask("EnableMFADevice", **own, SerialNumber=serial, **codes)
    ask("ListMFADevices", **own)
    ask("ListVirtualMFADevices")
    ask("DeactivateMFADevice", **own, SerialNumber=serial)
    ask("DeleteVirtualMFADevice", SerialNumber=serial)
    ask("ListSSHPublicKeys", **own)
    ask("ListSigningCertificates", **own)
    ask("DeleteUser", **own)


def _groups(ask: Any, policy: Any) -> None:
    own, user = {"GroupName": "answers"}, {"UserName": "answers-in"}
    ask("CreateGroup", **own)
    ask("CreateUser", **user)
    ask("AddUserToGroup", **own, **user)
    ask("GetGroup", **own)
    ask("ListGroups")
    ask("ListGroupsForUser", **user)
    ask("UpdateGroup", **own, NewPath="/b/")
    ask("PutGroupPolicy", **own, PolicyName="a", PolicyDocument=POLICY)
    ask("GetGroupPolicy", **own, PolicyName="a")
    ask("ListGroupPolicies", **own)
    ask("AttachGroupPolicy", **own, **policy)
    ask("ListAttachedGroupPolicies", **own)
    ask("ListEntitiesForPolicy", **policy)
    ask("DetachGroupPolicy", **own, **policy)
    ask("DeleteGroupPolicy", **own, PolicyName="a")
    ask("RemoveUserFromGroup", **own, **user)
    ask("DeleteUser", **user)
    ask("DeleteGroup", **own)


def _providers(ask: Any) -> None:
    made = ask(
        "CreateOpenIDConnectProvider",
        Url="https://example.com",
        ThumbprintList=["a" * 40],
        ClientIDList=["a"],
        Tags=TAGS,
    )
    own = {"OpenIDConnectProviderArn": made["OpenIDConnectProviderArn"]}
    ask("GetOpenIDConnectProvider", **own)
    ask("ListOpenIDConnectProviders")
    ask("TagOpenIDConnectProvider", **own, Tags=TAGS)
    ask("ListOpenIDConnectProviderTags", **own)
    ask("UntagOpenIDConnectProvider", **own, TagKeys=["team"])
    ask("UpdateOpenIDConnectProviderThumbprint", **own, ThumbprintList=["b" * 40])
    ask("DeleteOpenIDConnectProvider", **own)
    ask("ListSAMLProviders")
    ask("ListServerCertificates")


def sts(ask: Any) -> None:
    ask("GetCallerIdentity")
    ask("GetSessionToken")
    ask("GetAccessKeyInfo", AccessKeyId="AKIAIOSFODNN7EXAMPLE")
    ask("AssumeRole", RoleArn=f"arn:aws:iam::{ACCOUNT}:role/answers-session", RoleSessionName="answers")


def kms(ask: Any) -> None:
    own = {"KeyId": ask("CreateKey", Description="d", Tags=[{"TagKey": "a", "TagValue": "b"}])["KeyMetadata"]["KeyId"]}
    ask("DescribeKey", **own)
    ask("ListKeys")
    ask("CreateAlias", AliasName="alias/answers", TargetKeyId=own["KeyId"])
    ask("ListAliases", **own)
    ask("UpdateAlias", AliasName="alias/answers", TargetKeyId=own["KeyId"])
    ask("DeleteAlias", AliasName="alias/answers")
    sealed = ask("Encrypt", **own, Plaintext=b"a")["CiphertextBlob"]
    ask("Decrypt", CiphertextBlob=sealed)
    ask("ReEncrypt", CiphertextBlob=sealed, DestinationKeyId=own["KeyId"])
    ask("GenerateDataKey", **own, KeySpec="AES_256")
    ask("GenerateDataKeyWithoutPlaintext", **own, KeySpec="AES_256")
    ask("GenerateRandom", NumberOfBytes=8)
    _grants(ask, own)
    ask("GetKeyPolicy", **own, PolicyName="default")
    ask("PutKeyPolicy", **own, PolicyName="default", Policy=POLICY)
    ask("ListKeyPolicies", **own)
    ask("EnableKeyRotation", **own)
    ask("GetKeyRotationStatus", **own)
    ask("RotateKeyOnDemand", **own)
    ask("ListKeyRotations", **own)
    ask("DisableKeyRotation", **own)
    ask("TagResource", **own, Tags=[{"TagKey": "a", "TagValue": "b"}])
    ask("ListResourceTags", **own)
    ask("UntagResource", **own, TagKeys=["a"])
    ask("UpdateKeyDescription", **own, Description="e")
    ask("DisableKey", **own)
    ask("EnableKey", **own)
    ask("ScheduleKeyDeletion", **own, PendingWindowInDays=7)
    ask("DescribeKey", **own)
    ask("CancelKeyDeletion", **own)
    _signatures(ask)


def _grants(ask: Any, own: Any) -> None:
    of = {"GranteePrincipal": f"arn:aws:iam::{ACCOUNT}:role/a", "RetiringPrincipal": f"arn:aws:iam::{ACCOUNT}:role/a"}
    one = ask("CreateGrant", **own, **of, Operations=["Decrypt"], Name="answers")
    other = ask("CreateGrant", **own, **of, Operations=["Encrypt"])
    ask("ListGrants", **own)
    ask("ListRetirableGrants", RetiringPrincipal=of["RetiringPrincipal"])
    ask("RetireGrant", **own, GrantId=one["GrantId"])
    ask("RevokeGrant", **own, GrantId=other["GrantId"])


def _signatures(ask: Any) -> None:
    signs = {"KeyId": ask("CreateKey", KeyUsage="SIGN_VERIFY", KeySpec="RSA_2048")["KeyMetadata"]["KeyId"]}
    how = {"Message": b"a", "SigningAlgorithm": "RSASSA_PSS_SHA_256"}
    ask("Verify", **signs, **how, Signature=ask("Sign", **signs, **how)["Signature"])
    ask("GetPublicKey", **signs)
    macs = {"KeyId": ask("CreateKey", KeyUsage="GENERATE_VERIFY_MAC", KeySpec="HMAC_256")["KeyMetadata"]["KeyId"]}
    how = {"Message": b"a", "MacAlgorithm": "HMAC_SHA_256"}
    ask("VerifyMac", **macs, **how, Mac=ask("GenerateMac", **macs, **how)["Mac"])
    wide = ask("CreateKey", MultiRegion=True)["KeyMetadata"]["KeyId"]
    ask("ReplicateKey", KeyId=wide, ReplicaRegion="eu-west-1")


def ssm(ask: Any) -> None:
    own = {"Name": "/answers/a"}
    ask("PutParameter", **own, Value="1", Type="String", Description="d", Tags=TAGS)
    ask("PutParameter", **own, Value="2", Overwrite=True)
    ask("GetParameter", **own)
    ask("GetParameters", Names=["/answers/a", "/answers/b"])
    ask("GetParametersByPath", Path="/answers")
    ask("LabelParameterVersion", **own, Labels=["a"])
    ask("GetParameterHistory", **own)
    ask("DescribeParameters")
    ask("UnlabelParameterVersion", **own, ParameterVersion=2, Labels=["a"])
    ask("AddTagsToResource", ResourceType="Parameter", ResourceId=own["Name"], Tags=TAGS)
    ask("ListTagsForResource", ResourceType="Parameter", ResourceId=own["Name"])
    ask("RemoveTagsFromResource", ResourceType="Parameter", ResourceId=own["Name"], TagKeys=["team"])
    ask("DeleteParameter", **own)
    ask("DeleteParameters", Names=["/answers/b"])


def budgets(ask: Any) -> None:
    account, name = {"AccountId": ACCOUNT}, {"BudgetName": "answers"}
    budget = {**name, "BudgetLimit": {"Amount": "1", "Unit": "USD"}, "TimeUnit": "MONTHLY", "BudgetType": "COST"}
    notice = {"NotificationType": "ACTUAL", "ComparisonOperator": "GREATER_THAN", "Threshold": 80.0}
    ask("CreateBudget", **account, Budget=budget)
    ask("DescribeBudget", **account, **name)
    ask("DescribeBudgets", **account)
    ask(
        "CreateNotification",
        **account,
        **name,
        Notification=notice,
        Subscribers=[{"SubscriptionType": "EMAIL", "Address": "a@example.com"}],
    )
    ask("DescribeNotificationsForBudget", **account, **name)
    ask("DeleteNotification", **account, **name, Notification=notice)
    ask("DeleteBudget", **account, **name)


def servicequotas(ask: Any) -> None:
    service = {"ServiceCode": "sagemaker"}
    first = ask("ListServiceQuotas", **service)["Quotas"][0]
    ask("ListAWSDefaultServiceQuotas", **service)
    ask("GetServiceQuota", **service, QuotaCode=first["QuotaCode"])
    ask("GetAWSDefaultServiceQuota", **service, QuotaCode=first["QuotaCode"])
