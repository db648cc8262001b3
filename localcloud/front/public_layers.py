"""Layers of other accounts that are known by their ARN, and the packages of PyPI that they consist of. Pure.

Source: https://docs.aws.amazon.com/powertools/python/latest/getting-started/install/ and
https://aws-sdk-pandas.readthedocs.io/en/stable/layers.html
"""

from __future__ import annotations

import re

KNOWN = (  # account, name of the layer, what pip installs in its place: an ARN's version is not that of the package
    ("017000801446", r"AWSLambdaPowertoolsPythonV3-python\d+-(x86_64|arm64)", "aws-lambda-powertools[all]>=3,<4"),
    ("017000801446", r"AWSLambdaPowertoolsPythonV2(-Arm64)?", "aws-lambda-powertools[all]>=2,<3"),
    ("336392948345", r"AWSSDKPandas-Python\d+(-Arm64)?", "awswrangler>=3,<4"),
)


def requirement_of(arn: str) -> str | None:
    """The requirement that stands for a layer's version; None where nobody knows what it consists of."""
    parts = arn.split(":")
    if len(parts) != 8:
        return None
    account, name = parts[4], parts[6]
    found = (known for owner, pattern, known in KNOWN if owner == account and re.fullmatch(pattern, name))
    return next(found, None)
