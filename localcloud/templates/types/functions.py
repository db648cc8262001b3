"""Lambda functions and what belongs to them."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from localcloud.front.public_layers import requirement_of
from localcloud.templates.errors import ResourceFailed
from localcloud.templates.resource_types import Kind, Made, Place, Properties, changed
from localcloud.templates.types.shapes import fit, picked

_CONFIGURATION = (
    "Handler Runtime Role Timeout MemorySize Environment Description Layers TracingConfig EphemeralStorage"
    " DeadLetterConfig VpcConfig FileSystemConfigs ImageConfig LoggingConfig SnapStart"
)
_CONFIGURATION_DEFAULTS: dict[str, Any] = {
    "Timeout": 3,
    "MemorySize": 128,
    "Environment": {"Variables": {}},
    "Description": "",
    "Layers": [],
    "TracingConfig": {"Mode": "PassThrough"},
    "DeadLetterConfig": {"TargetArn": ""},
    "EphemeralStorage": {"Size": 512},
    "LoggingConfig": {},
}
_KEPT = ("TracingConfig", "LoggingConfig", "DeadLetterConfig", "EphemeralStorage")  # asked back: moto has dropped these
_ADVICE = "the local cloud runs Python functions from zip packages (Runtime: python3.13)"
CFNRESPONSE = Path(__file__).with_name("cfnresponse.py")
_CODE_KEYS = ("S3Bucket", "S3Key", "S3ObjectVersion", "ImageUri")


class Function(Kind):
    """Ref is the function's name."""

    type = "AWS::Lambda::Function"
    properties = (
        f"FunctionName Code PackageType Architectures {_CONFIGURATION} KmsKeyArn ReservedConcurrentExecutions"
        " RuntimeManagementConfig RecursiveLoop Tags"
    )
    required = "Code Role"
    replaces = "FunctionName PackageType"

    def unplayed(self, wanted: Mapping[str, Any]) -> str | None:
        if wanted.get("PackageType") == "Image" or "ImageUri" in (wanted.get("Code") or {}):
            return f"a function in a container image is not run: {_ADVICE}"
        if wanted.get("FileSystemConfigs"):
            return "FileSystemConfigs: the local cloud has no file systems to mount"
        runtime = wanted.get("Runtime")
        if isinstance(runtime, str) and not runtime.startswith("python"):
            return f"the runtime {runtime} is not run: {_ADVICE}"
        return None

    def remark(self, wanted: Mapping[str, Any]) -> str | None:
        found = {arn: requirement_of(str(arn)) for arn in wanted.get("Layers") or []}
        said = [
            f"{requirement} of PyPI stands for the layer {arn}" for arn, requirement in found.items() if requirement
        ]
        return "; ".join(said) or None

    def create(self, place: Place, wanted: Properties) -> Made:
        client = place.client("lambda")
        name = wanted.get("FunctionName") or place.name(64)
        values = picked(wanted, *_CONFIGURATION.split(), "PackageType", "Architectures", KMSKeyArn="KmsKeyArn")
        values |= {"FunctionName": name, "Code": _code(wanted), "Tags": place.tag_map(wanted.get("Tags"))}
        arn = client.create_function(**fit(client, "create_function", values))["FunctionArn"]
        return Made(name, {"Arn": arn})

    def change(self, place: Place, made: Made, old: Properties, new: Properties) -> Made:
        client, name = place.client("lambda"), made.physical_id
        if changed(old, new, "Code", "Architectures"):
            values = {"FunctionName": name, **_code(new), **picked(new, "Architectures")}
            client.update_function_code(**fit(client, "update_function_code", values))
        differing = [key for key in _CONFIGURATION.split() if changed(old, new, key)]
        values = {key: new.get(key, _CONFIGURATION_DEFAULTS.get(key)) for key in differing}
        values = {key: value for key, value in values.items() if value is not None}
        if values:
            values["FunctionName"] = name
            client.update_function_configuration(**fit(client, "update_function_configuration", values))
        if changed(old, new, "Tags"):
            client.tag_resource(Resource=made.attributes["Arn"], Tags=place.tag_map(new.get("Tags")))
        return made

    def stabilize(self, place: Place, made: Made, old: Properties, new: Properties) -> None:
        client, name, key = place.client("lambda"), made.physical_id, "ReservedConcurrentExecutions"
        if changed(old, new, key):
            if key in new:
                client.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=int(new[key]))
            else:
                client.delete_function_concurrency(FunctionName=name)
        _ask_back(client, name, fit(client, "create_function", picked(new, *_KEPT)))

    def delete(self, place: Place, made: Made, properties: Properties) -> None:
        place.client("lambda").delete_function(FunctionName=made.physical_id)


def _ask_back(client: Any, name: str, wanted: Mapping[str, Any]) -> None:
    """Raise where the function does not have what was asked for, so that nothing is dropped in silence."""
    found = client.get_function(FunctionName=name)["Configuration"] if wanted else {}
    for key, value in wanted.items():
        has = found.get(key) or {}
        if any(has.get(part) != value[part] for part in value):
            raise ResourceFailed(f"The local cloud does not keep {key} of a function: asked {value}, got {has or None}")


def _code(wanted: Mapping[str, Any]) -> dict[str, Any]:
    code = wanted["Code"]
    if "ZipFile" not in code:
        return {key: code[key] for key in _CODE_KEYS if key in code}
    packed = io.BytesIO()
    suffix = "js" if str(wanted.get("Runtime", "")).startswith("nodejs") else "py"
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(zipfile.ZipInfo(f"index.{suffix}", (1980, 1, 1, 0, 0, 0)), code["ZipFile"])
        if suffix == "py" and CFNRESPONSE.stem in code["ZipFile"]:  # which AWS adds to inline code alone
            archive.writestr(zipfile.ZipInfo(CFNRESPONSE.name, (1980, 1, 1, 0, 0, 0)), CFNRESPONSE.read_text("utf-8"))
    return {"ZipFile": packed.getvalue()}


class Permission(Kind):
    """Who may invoke a function."""

    type = "AWS::Lambda::Permission"
    properties = (
        "Action FunctionName Principal SourceArn SourceAccount EventSourceToken FunctionUrlAuthType PrincipalOrgID"
        " InvokedViaFunctionUrl"
    )
    required = "Action FunctionName Principal"
    replaces = "*"

    def create(self, place: Place, wanted: Properties) -> Made:
        client, sid = place.client("lambda"), place.name(100)
        client.add_permission(**fit(client, "add_permission", {**wanted, "StatementId": sid}))
        return Made(sid, {"Id": sid})

    def delete(self, place: Place, made: Made, properties: Properties) -> None:
        place.client("lambda").remove_permission(FunctionName=properties["FunctionName"], StatementId=made.physical_id)


class Url(Kind):
    """Ref is the function's ARN."""

    type = "AWS::Lambda::Url"
    properties = "TargetFunctionArn AuthType InvokeMode"
    required = "TargetFunctionArn AuthType"
    replaces = "TargetFunctionArn"

    def create(self, place: Place, wanted: Properties) -> Made:
        made = place.client("lambda").create_function_url_config(
            FunctionName=wanted["TargetFunctionArn"], **picked(wanted, "AuthType", "InvokeMode")
        )
        return Made(made["FunctionArn"], {"FunctionArn": made["FunctionArn"], "FunctionUrl": made["FunctionUrl"]})

    def change(self, place: Place, made: Made, old: Properties, new: Properties) -> Made:
        place.client("lambda").update_function_url_config(
            FunctionName=made.physical_id, **picked(new, "AuthType", "InvokeMode")
        )
        return made

    def delete(self, place: Place, made: Made, properties: Properties) -> None:
        place.client("lambda").delete_function_url_config(FunctionName=made.physical_id)


_MAPPING = (
    "BatchSize MaximumBatchingWindowInSeconds Enabled FilterCriteria FunctionResponseTypes ScalingConfig"
    " MaximumRetryAttempts MaximumRecordAgeInSeconds BisectBatchOnFunctionError ParallelizationFactor DestinationConfig"
    " TumblingWindowInSeconds FunctionName KmsKeyArn MetricsConfig"
)


class EventSourceMapping(Kind):
    """Ref is the mapping's UUID."""

    type = "AWS::Lambda::EventSourceMapping"
    properties = f"{_MAPPING} EventSourceArn StartingPosition StartingPositionTimestamp Tags"
    required = "FunctionName"
    replaces = "EventSourceArn StartingPosition StartingPositionTimestamp"

    def create(self, place: Place, wanted: Properties) -> Made:
        client = place.client("lambda")
        values = {key: value for key, value in wanted.items() if key not in ("Tags", "KmsKeyArn")}
        made = client.create_event_source_mapping(**fit(client, "create_event_source_mapping", values))
        arn = place.arn("lambda", f"event-source-mapping:{made['UUID']}")
        return Made(made["UUID"], {"Id": made["UUID"], "EventSourceMappingArn": arn})

    def change(self, place: Place, made: Made, old: Properties, new: Properties) -> Made:
        client = place.client("lambda")
        names = [key for key in _MAPPING.split() if changed(old, new, key) and key in new]
        values = {"UUID": made.physical_id, **{key: new[key] for key in names}}
        client.update_event_source_mapping(**fit(client, "update_event_source_mapping", values))
        return made

    def delete(self, place: Place, made: Made, properties: Properties) -> None:
        place.client("lambda").delete_event_source_mapping(UUID=made.physical_id)


class EventInvokeConfig(Kind):
    """How asynchronous calls are retried and where their outcome goes."""

    type = "AWS::Lambda::EventInvokeConfig"
    properties = "FunctionName Qualifier MaximumRetryAttempts MaximumEventAgeInSeconds DestinationConfig"
    required = "FunctionName Qualifier"
    replaces = "FunctionName Qualifier"

    def create(self, place: Place, wanted: Properties) -> Made:
        client = place.client("lambda")
        values = {key: value for key, value in wanted.items() if key != "Qualifier"} | _qualified(wanted)
        client.put_function_event_invoke_config(**fit(client, "put_function_event_invoke_config", values))
        return Made(f"{wanted['FunctionName']}|{wanted['Qualifier']}")

    def change(self, place: Place, made: Made, old: Properties, new: Properties) -> Made:
        return self.create(place, new)

    def delete(self, place: Place, made: Made, properties: Properties) -> None:
        place.client("lambda").delete_function_event_invoke_config(
            FunctionName=properties["FunctionName"], **_qualified(properties)
        )


def _qualified(wanted: Mapping[str, Any]) -> dict[str, Any]:
    return {} if wanted.get("Qualifier", "$LATEST") == "$LATEST" else {"Qualifier": wanted["Qualifier"]}


class Version(Kind):
    """A published version. Ref is its ARN."""

    type = "AWS::Lambda::Version"
    properties = "FunctionName Description CodeSha256"
    required = "FunctionName"
    replaces = "*"

    def create(self, place: Place, wanted: Properties) -> Made:
        made = place.client("lambda").publish_version(**picked(wanted, "FunctionName", "Description"))
        return Made(made["FunctionArn"], {"Version": made["Version"], "FunctionArn": made["FunctionArn"]})

    def delete(self, place: Place, made: Made, properties: Properties) -> None:
        place.client("lambda").delete_function(
            FunctionName=properties["FunctionName"], Qualifier=made.attributes["Version"]
        )


class Alias(Kind):
    """Ref is the alias's ARN."""

    type = "AWS::Lambda::Alias"
    properties = "FunctionName FunctionVersion Name Description RoutingConfig"
    required = "FunctionName FunctionVersion Name"
    replaces = "FunctionName Name"

    def create(self, place: Place, wanted: Properties) -> Made:
        client = place.client("lambda")
        made = client.create_alias(**fit(client, "create_alias", wanted))
        return Made(made["AliasArn"], {"AliasArn": made["AliasArn"]})

    def change(self, place: Place, made: Made, old: Properties, new: Properties) -> Made:
        client = place.client("lambda")
        client.update_alias(**fit(client, "update_alias", new))
        return made

    def delete(self, place: Place, made: Made, properties: Properties) -> None:
        place.client("lambda").delete_alias(**picked(properties, "FunctionName", "Name"))


class LayerVersion(Kind):
    """Ref is the version's ARN. Any change publishes a new one."""

    type = "AWS::Lambda::LayerVersion"
    properties = "LayerName Content CompatibleRuntimes CompatibleArchitectures Description LicenseInfo"
    required = "Content"
    replaces = "*"

    def create(self, place: Place, wanted: Properties) -> Made:
        client = place.client("lambda")
        values = {**wanted, "LayerName": wanted.get("LayerName") or place.name(140, prefix=place.logical_id)}
        made = client.publish_layer_version(**fit(client, "publish_layer_version", values))
        return Made(made["LayerVersionArn"], {"LayerVersionArn": made["LayerVersionArn"]})

    def delete(self, place: Place, made: Made, properties: Properties) -> None:
        layer, version = made.physical_id.rsplit(":", 1)
        place.client("lambda").delete_layer_version(LayerName=layer, VersionNumber=int(version))
