"""Scalable targets: endpoints whose number of instances Application Auto Scaling chooses."""

from botocore.exceptions import ClientError

from app.aws.clients import calling, client
from app.decide.deployment.scaling import Scaling, bounds, policy, target


def register(endpoint: str, variant: str, scaling: Scaling) -> None:
    """Let the endpoint, which is in service, have so many instances from now on. Idempotent: the last one holds.

    Sources: https://docs.aws.amazon.com/autoscaling/application/APIReference/API_RegisterScalableTarget.html and
    https://docs.aws.amazon.com/autoscaling/application/APIReference/API_PutScalingPolicy.html
    """
    what, scaler = target(endpoint, variant), client("application-autoscaling")
    with calling():
        scaler.register_scalable_target(**what, **bounds(scaling))
        scaler.put_scaling_policy(**what, **policy(scaling))


def deregister(endpoint: str, variant: str) -> bool:
    """Leave the endpoint with the instances that it has; the policies go along. Idempotent: whether it was registered.

    Source: https://docs.aws.amazon.com/autoscaling/application/APIReference/API_DeregisterScalableTarget.html
    """
    try:
        with calling("ObjectNotFoundException"):
            client("application-autoscaling").deregister_scalable_target(**target(endpoint, variant))
    except ClientError:
        return False
    return True
