"""The champion: the version that serves a model now, and what can be asked of it."""

from typing import NamedTuple

from botocore.exceptions import ClientError

from app.aws.clients import calling, client
from app.flow import live_version
from app.settings import Settings


class Champion(NamedTuple):
    """A version with the image and the artifact of the container that takes raw records.

    Where several containers answer, that is the first of them: it cannot answer by itself.
    """

    version: int
    image: str
    artifact: str  # S3 URI of its model.tar.gz
    name: str  # of its SageMaker model
    several: bool  # whether more than one container answers


def champion(settings: Settings, model: str, mode: str) -> Champion | None:
    """What serves the model; None where nothing does.

    Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DescribeModel.html
    """
    live = live_version.live(settings, model, mode)
    if live is None:
        return None
    try:
        with calling("ValidationException", "ResourceNotFound"):
            found = client("sagemaker").describe_model(ModelName=live.name)
    except ClientError:
        return None  # on its way out
    containers = found.get("Containers") or [found.get("PrimaryContainer", {})]
    first = containers[0]
    if not first.get("ModelDataUrl"):
        return None
    return Champion(live.version, first["Image"], first["ModelDataUrl"], live.name, len(containers) > 1)


def parameters(found: Champion | None) -> dict[str, str]:
    """Pipeline parameters that name the champion; without one the pipeline's defaults say so."""
    if found is None:
        return {}
    return {
        "ChampionVersion": str(found.version),
        "ChampionImage": found.image,
        "ChampionModel": found.artifact,
    }
