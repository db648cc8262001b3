"""Service Quotas of SageMaker's instances: how many of each type may be in use at once, for each usage.

The same number holds for every usage here.
Source: https://docs.aws.amazon.com/servicequotas/2019-06-24/apireference/API_ListServiceQuotas.html
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from functools import cache
from typing import Any

from moto.core.exceptions import JsonRESTError

from localcloud import instance_limits
from localcloud.front import moto_patches
from localcloud.sagemaker.api_shapes import answer_page, page
from localcloud.settings import Cloud

RESPONSE = "moto.servicequotas.responses:ServiceQuotasResponse"
SERVICE = "sagemaker"
USAGES = ("endpoint", "processing job", "training job", "spot training job", "transform job")
UNLIMITED = 100_000.0  # of what no quota is said: more than a machine could run


def install(_: Cloud) -> None:
    """Answer from now on."""
    moto_patches.add_operation(RESPONSE, "list_service_quotas", _list)
    moto_patches.replace(f"{RESPONSE}.list_aws_default_service_quotas", _list)
    moto_patches.replace(f"{RESPONSE}.get_service_quota", _get)
    moto_patches.add_operation(RESPONSE, "get_aws_default_service_quota", _get)


@cache
def names() -> Mapping[str, str]:
    """The name of every quota by its code, in the order of the names."""
    found = sorted(f"{kind} for {usage} usage" for kind in instance_limits.known_types() for usage in USAGES)
    return {f"L-{hashlib.sha256(name.encode()).hexdigest()[:8].upper()}": name for name in found}


def _list(self: Any) -> str:
    asked = json.loads(self.body)
    if asked.get("ServiceCode") != SERVICE:
        raise _unknown(asked)
    codes, token = page(list(names()), asked, default_order="Ascending")
    return json.dumps(answer_page("Quotas", [_quota(self, code) for code in codes], token))


def _get(self: Any) -> str:
    asked = json.loads(self.body)
    if asked.get("ServiceCode") != SERVICE or asked.get("QuotaCode") not in names():
        raise _unknown(asked)
    return json.dumps({"Quota": _quota(self, asked["QuotaCode"])})


def _quota(self: Any, code: str) -> dict[str, Any]:
    name = names()[code]
    return {
        "ServiceCode": SERVICE, "ServiceName": "Amazon SageMaker", "QuotaCode": code, "QuotaName": name,
        "QuotaArn": f"arn:aws:servicequotas:{self.region}:{self.current_account}:{SERVICE}/{code}",
        "Value": float(instance_limits.current().quotas.get(name.split()[0], UNLIMITED)),
        "Unit": "None", "Adjustable": True, "GlobalQuota": False,
    }  # fmt: skip


def _unknown(asked: Mapping[str, Any]) -> JsonRESTError:
    what = "/".join(str(asked[name]) for name in ("ServiceCode", "QuotaCode") if name in asked)
    return JsonRESTError(
        "NoSuchResourceException", f"{what} does not exist: the local cloud knows SageMaker's instances"
    )
