"""The processes behind an endpoint configuration: a model server per variant and container."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote

from localcloud.sagemaker.api_shapes import Context
from localcloud.sagemaker.endpoints.model_server import START_WITHIN_S, ModelServer, NotServing
from localcloud.sagemaker.endpoints.variant_properties import SHADOW, count_of, weight_of


@dataclass(frozen=True)
class Variant:
    """A variant: its share of the traffic, and its containers in the order in which they answer."""

    name: str
    weight: float
    instances: int
    serverless: Mapping[str, Any] | None
    servers: tuple[ModelServer, ...]
    shadow: bool = False  # it is asked what the others are asked, and nobody hears its answers


class Fleet:
    """All variants of one endpoint configuration, running for one endpoint."""

    def __init__(self, config: str, variants: tuple[Variant, ...]) -> None:
        self.config = config
        self.variants = variants

    @property
    def production(self) -> tuple[Variant, ...]:
        """The variants whose answers are returned."""
        return tuple(variant for variant in self.variants if not variant.shadow)

    @property
    def shadows(self) -> tuple[Variant, ...]:
        """The variants that answer in shadow."""
        return tuple(variant for variant in self.variants if variant.shadow)

    def start(self) -> None:
        """Start every server.

        Raises:
            NotServing: one did not come up; then none is left.
        """
        try:
            for variant in self.variants:
                for server in variant.servers:
                    server.start()
        except NotServing:
            self.stop()
            raise

    def resize(self, variants: Iterable[Mapping[str, Any]]) -> None:
        """Give its variants the weights and numbers of instances of these."""
        by_name = {variant["VariantName"]: variant for variant in variants}
        self.variants = tuple(
            replace(one, weight=weight_of(by_name[one.name]), instances=count_of(by_name[one.name]))
            for one in self.variants
        )

    def drain(self) -> None:
        """Let every server finish what it answers, then end it."""
        for variant in self.variants:
            for server in variant.servers:
                server.drain()

    def stop(self) -> None:
        """End every server."""
        for variant in self.variants:
            for server in variant.servers:
                server.stop()


def build(
    context: Context, models: Any, endpoint: str, config: str, variants: Iterable[Mapping[str, Any]], number: int
) -> Fleet:
    """The fleet of a configuration's variants, not started yet; ``number`` tells deployments of one endpoint apart."""
    base = context.cloud.state_dir / "endpoints" / quote(endpoint, safe="") / f"{number}"
    found = []
    for variant in variants:
        containers = models.containers(variant["ModelName"])
        role = str(models.model(variant["ModelName"]).request.get("ExecutionRoleArn") or "")
        servers = tuple(
            ModelServer(
                context,
                endpoint,
                variant["VariantName"],
                container,
                base / f"{variant['VariantName']}-{index}",
                role,
                start_within_s=float(variant.get("ContainerStartupHealthCheckTimeoutInSeconds") or START_WITHIN_S),
            )
            for index, container in enumerate(containers)
        )
        found.append(
            Variant(
                variant["VariantName"],
                weight_of(variant),
                count_of(variant),
                variant.get("ServerlessConfig"),
                servers,
                SHADOW in variant,
            )
        )
    return Fleet(config, tuple(found))
