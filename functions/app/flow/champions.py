"""The champion: the version that serves a model now, and the container that can be asked in a pipeline."""

from typing import NamedTuple

from app.aws import endpoints
from app.flow import judged_content
from app.flow.deployment.versions import serving_version
from app.settings import Settings


class Champion(NamedTuple):
    """A version with the image and the artifact of the container that takes raw records.

    In an inference pipeline that is the first container: it cannot predict by itself.
    """

    version: int
    image: str
    artifact: str  # S3 URI of its model.tar.gz
    name: str  # of its SageMaker model
    is_inference_pipeline: bool


def current_champion(settings: Settings, model: str, mode: str) -> Champion | None:
    """Look up the version that serves the model; None where nothing does.

    Raises:
        ArtifactChanged: what answers for it is not what was judged.
    """
    live = serving_version(settings, model, mode)
    containers = endpoints.containers_of_model(live.name) if live else []
    if live is None or not containers or not containers[0].get("ModelDataUrl"):
        return None
    judged_content.require_live_unchanged(model, live.version)
    first = containers[0]
    return Champion(live.version, first["Image"], first["ModelDataUrl"], live.name, len(containers) > 1)


def pipeline_parameters(champion: Champion | None) -> dict[str, str]:
    """Pipeline parameters that name the champion; without one the pipeline's defaults say so."""
    if champion is None:
        return {}
    return {
        "ChampionVersion": str(champion.version),
        "ChampionImage": champion.image,
        "ChampionModel": champion.artifact,
    }
