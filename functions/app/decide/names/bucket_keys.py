"""Keys of the data bucket. Pure."""

from app.decide.names.hashes import digest
from app.decide.names.shown_text import shown
from app.errors import BadMessage

INCOMING = "incoming/"
LABELS = "labels/"  # answers that came later than the rows
ANSWERED_BY = "answered-by"  # of a scored file's metadata: the version whose answers it holds
UPLOADED_BY = "uploaded-by"  # of an object's metadata: whose name `retrain upload` writes there
PRICES = "config/prices.json"  # what the stack's users pay, where publishing said so
CAPTURED = "captured/"  # what endpoints were asked and answered, as SageMaker writes it
S3_KEY_LIMIT = 1024  # bytes of UTF-8. Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html


UNFINISHED = (
    ".tmp",
    ".part",
    ".partial",
    ".filepart",
    ".crdownload",
    ".crc",
    "._copying_",
    "~",
)  # how they end until they are whole


def require_own_bucket(named: str, own: str) -> None:
    """Compare the bucket that an event names with the stack's. The rules hear that one alone; whoever hands an event
    over may name any. The account need not be compared: what is read is what the name means to this stack's roles.

    Raises:
        BadMessage: it is another.
    """
    if named != own:
        raise BadMessage(f"an upload to bucket {shown(named)}, not to this stack's {own}")


def captured_prefix(model: str) -> str:
    """Where SageMaker writes what a model's endpoint captures, by endpoint, variant and hour; without a slash at its
    end, as SageMaker adds one.
    """
    return f"{CAPTURED}{model}"


def is_ignored(rest: str) -> bool:
    """Whether a name below a model's folder is no upload: a folder's marker, or what a writer keeps for itself.

    Hidden names are Spark's: _SUCCESS, _temporary/, .part-0.crc, but not a folder _day=1. Source:
    https://spark.apache.org/docs/latest/sql-data-sources-generic-options.html (ignoredPathSegmentRegex)
    """
    parts = rest.split("/")
    hidden = any(part.startswith(".") or (part.startswith("_") and "=" not in part) for part in parts)
    return not parts[-1] or hidden or rest.lower().endswith(UNFINISHED)


def parse_upload_key(key: str) -> tuple[str, str] | None:
    """Model and rest of ``incoming/<model>/<rest>``; None for names that are ignored and for other prefixes."""
    if not key.startswith("incoming/") or is_ignored(key):
        return None
    model, slash, rest = key.removeprefix("incoming/").partition("/")
    return (model, rest) if slash and model else ("", key.removeprefix("incoming/"))


def parse_labels_key(key: str) -> tuple[str, str] | None:
    """Model and rest of ``labels/<model>/<rest>``; None for names that are ignored and for other prefixes."""
    if not key.startswith(LABELS) or is_ignored(key):
        return None
    model, slash, rest = key.removeprefix(LABELS).partition("/")
    return (model, rest) if slash and model else ("", key.removeprefix(LABELS))


def quarantine_key(model: str, rest: str) -> str:
    """Key of a refused upload; one that would be too long for S3 is cut and ends in its hash."""
    key = f"quarantine/{model or 'unknown'}/{rest}"
    room = S3_KEY_LIMIT - len(".reason.json")
    if len(key.encode()) <= room:
        return key
    return key.encode()[: room - 17].decode(errors="ignore") + "-" + digest(rest)[:16]


def dataset_object(key: str, version_id: str) -> str:
    """Immutable name of an accepted upload, below ``datasets/<model>/``."""
    return f"objects/{digest(key, version_id)}.csv"


def config_key(model: str) -> str:
    """Key of a model's published configuration."""
    return f"config/models/{model}.json"


def version_key(model: str, pipeline_version: int) -> str:
    """Key of the configuration that was published with a version of a model's pipeline."""
    return f"config/pipelines/{model}/{pipeline_version}.json"


def labelled_key(model: str, name: str) -> str:
    """Key of a list of rows that late labels were counted of."""
    return f"labelled/{model}/{name}"


def baseline_key(model: str) -> str:
    """Key of a model's baseline: the profile of the data that its live version was trained on."""
    return f"config/baselines/{model}.json"


def judged_uri(bucket: str, model: str, run: str, name: str) -> str:
    """Address of a copy of what a run judged, below a prefix that jobs do not write to."""
    return f"s3://{bucket}/judged/{model}/{run}/{name}"


def split_uri(uri: str) -> tuple[str, str]:
    """Bucket and key of ``s3://bucket/key``."""
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    return bucket, key


def document_uri(uri: str, name: str) -> str:
    """The file ``name`` in an output's folder."""
    return uri if uri.endswith(".json") else f"{uri.rstrip('/')}/{name}"


def report_uri(evaluation: str) -> str:
    """The report for people, beside what an evaluation found; its URI is the folder's, or the document's."""
    return f"{document_uri(evaluation, 'evaluation.json').rpartition('/')[0]}/report.html"
