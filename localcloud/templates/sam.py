"""AWS::Serverless-2016-10-31: AWS's own translator turns a SAM template into a CloudFormation one.

Source: https://github.com/aws/serverless-application-model
"""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from typing import Any

from localcloud.templates.errors import TemplateInvalid
from localcloud.templates.language.document import Template, transforms

SAM = "AWS::Serverless-2016-10-31"


class _ManagedPolicies:
    """Names of AWS's managed policies to ARNs; the translator carries the usual ones itself, IAM is not asked."""

    def load(self) -> dict[str, str]:
        return {}


def translate(template: Template, parameters: Mapping[str, Any], pseudo: Mapping[str, Any]) -> Template:
    """``template`` without its Serverless resources; a template with no such transform is answered as it is.

    Raises:
        TemplateInvalid: the translator refuses it, in its own words; or another macro is named.
    """
    named = transforms(template)
    others = [name for name in named if name not in (SAM, "AWS::LanguageExtensions")]
    if others:
        raise TemplateInvalid(f"No transform named {others[0]} found.")
    if SAM not in named:
        return template
    _of_this_machine(template)
    return _transformed(template, parameters, pseudo)


def _transformed(template: Template, parameters: Mapping[str, Any], pseudo: Mapping[str, Any]) -> Template:
    # A server that goes on from its state translates nothing, and saves a quarter of a second of its start.
    from samtranslator.model.exceptions import InvalidDocumentException
    from samtranslator.translator.transform import transform

    values = {**parameters, **{key: pseudo[key] for key in ("AWS::Region", "AWS::Partition", "AWS::AccountId")}}
    try:
        made = transform(copy.deepcopy(template), values, _ManagedPolicies())
    except InvalidDocumentException as error:
        reasons = " ".join(str(cause.message) for cause in error.causes)
        raise TemplateInvalid(
            f"Transform {SAM} failed with: Invalid Serverless Application Specification document. "
            f"Number of errors found: {len(error.causes)}. {reasons}"
        ) from error
    made.pop("Transform", None)
    plain: Template = json.loads(json.dumps(made))
    return plain


def _of_this_machine(template: Template) -> None:
    """Refuse what the translator would ask AWS for."""
    for name, resource in template["Resources"].items():
        location = resource.get("Properties", {}).get("Location")
        if resource["Type"] == "AWS::Serverless::Application" and "ApplicationId" in (location or ()):
            raise TemplateInvalid(
                f"{name}: the local cloud has no Serverless Application Repository: take a Location of this machine "
                "(sam build and sam package upload it)"
            )
