"""The data of a run: the accepted uploads that count when it is planned, as copies that nobody changes."""

from typing import NamedTuple

from app.aws import data_bucket
from app.decide.run_plans import DataSet, data_set, reason_unusable
from app.decide.uploads.published_model import Model
from app.decide.uploads.standing import Standing, standing
from app.ledger import ledger


class RunData(NamedTuple):
    """What a run learns from: ``data``, or ``why`` it can learn from nothing."""

    found: Standing
    data: DataSet | None
    why: str = ""


def freeze(bucket: str, model: Model, run: str, *, no_cache: bool = False) -> RunData:
    """Copy every upload that counts, once, and write the manifest. An upload that is gone is left out.

    With ``no_cache`` the manifest has an address of the run's own, so that every step runs.
    """
    accepted = ledger().accepted_before(run)
    stored = data_bucket.versions(bucket, f"incoming/{model.name}/")
    while True:
        found = standing(accepted, stored, model.data.append)
        if why := reason_unusable(model.data, found.files, len(found.left_out)):
            return RunData(found, None, why)
        data = data_set(bucket, model.name, found.files, uncached=run if no_cache else "")
        gone = data_bucket.copy_missing(bucket, data.prefix, data.copies)
        if not gone:
            data_bucket.put_json(bucket, data.sources_key, data.sources)
            data_bucket.put_json(bucket, data.manifest_key, data.manifest)
            return RunData(found, data)
        lost = {data.copies[name][:2] for name in gone}  # deleted since they were listed
        stored = [one for one in stored if (one.key, one.version_id) not in lost]
