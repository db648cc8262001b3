"""What an account pays: a price table beside the published models."""

import json

from app.decide.costs.prices import Prices
from app.decide.names.bucket_keys import PRICES

from cli.stack.target import Target


def publish(target: Target, table: Prices) -> str:
    """Publish a table, in the place of one that was there; the line that says so."""
    body = json.dumps(table._asdict(), indent=1).encode()
    bucket = target.outputs()["DataBucketName"]
    target.client("s3").put_object(Bucket=bucket, Key=PRICES, Body=body, ContentType="application/json")
    return f"\nprices: {table.origin}, for runs that are planned from now on"
