"""Counts the words of one uploaded text."""

import os

import boto3


class EmptyText(ValueError):
    """The text has no words."""


def handler(event, context):
    """``{"bucket", "key"}`` -> ``{"words", "language"}``."""
    body = boto3.client("s3").get_object(Bucket=event["bucket"], Key=event["key"])["Body"].read().decode()
    words = len(body.split())
    if words == 0:
        raise EmptyText(f"{event['key']} has no words")
    return {"words": words, "language": os.environ["LANGUAGE"]}
