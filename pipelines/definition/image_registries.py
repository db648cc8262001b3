"""Where SageMaker's own images lie in each region, as the SDK knows it at compile time."""

from sagemaker.core import image_uris

INSTANCE_TYPE = "ml.m5.xlarge"  # any CPU type: the images differ by processor only


def registries(framework: str, version: str | None) -> dict[str, str]:
    """Image URI by region, for every region that has the image."""
    config = image_uris.config_for_framework(framework)
    config = config.get("training", config)
    found = config["versions"][version or "1"]["registries"]
    return {
        region: image_uris.retrieve(framework, region, version=version, instance_type=INSTANCE_TYPE)
        for region in sorted(found)
    }
