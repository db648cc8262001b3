"""The champion: the version that serves a model now, as its endpoint says."""

import re
from dataclasses import dataclass

from botocore.exceptions import ClientError

from app import endpoints
from app.aws import calling, client
from app.rules import resource_name
from app.settings import Settings

VERSION = re.compile(r"-v(\d+)-[0-9a-f]{8}$")


@dataclass(frozen=True)
class Champion:
    """A version with the image and the artifact of its first container; where it is the only one, it can be asked."""

    version: int
    image: str
    artifact: str  # S3 URI of its model.tar.gz


def serving(settings: Settings, model: str) -> Champion | None:
    """What the model's endpoint serves; None where nothing does.

    Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DescribeEndpointConfig.html
    """
    endpoint = endpoints.describe(resource_name(settings.stack, model))
    if endpoint is None or not endpoint.config:
        return None
    try:
        with calling("ValidationException", "ResourceNotFound"):
            config = client("sagemaker").describe_endpoint_config(EndpointConfigName=endpoint.config)
            name = config["ProductionVariants"][0]["ModelName"]
            found = client("sagemaker").describe_model(ModelName=name)
    except ClientError:
        return None  # on its way out
    version, container = VERSION.search(name), found.get("PrimaryContainer") or found["Containers"][0]
    if version is None or not container.get("ModelDataUrl"):
        return None
    return Champion(int(version[1]), container["Image"], container["ModelDataUrl"])


def parameters(champion: Champion | None) -> dict[str, str]:
    """Pipeline parameters that name the champion; without one the pipeline's defaults say so."""
    if champion is None:
        return {}
    return {
        "ChampionVersion": str(champion.version),
        "ChampionImage": champion.image,
        "ChampionModel": champion.artifact,
    }
