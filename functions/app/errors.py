"""The error tree: three kinds, by what the caller should do.

    RetrainError
    ├── InputError             what came in is wrong: never retried
    │   ├── BadMessage
    │   ├── UnknownModel
    │   ├── UnknownVersion
    │   ├── RunTaken
    │   ├── NotAskable
    │   ├── Outdated
    │   ├── NotCounted
    │   ├── FilesRefused
    │   ├── Gone
    │   ├── ObjectArchived
    │   └── NameTaken
    ├── TransientError         the world is not ready yet: retried
    │   ├── Throttled
    │   ├── ServiceUnavailable
    │   ├── Contended
    │   ├── NotSettledYet
    │   ├── EndpointBusy
    │   ├── InsufficientCapacity
    │   └── QuotaReached
    └── SetupError             somebody has to change something: alarms
        ├── AccessDenied
        ├── CallRefused
        ├── BadSettings
        ├── QuotaTooLow
        ├── KeyUnusable
        ├── ResourceMissing
        ├── ContainerFailed
        ├── UnknownKind
        ├── PipelineFailed
        ├── NoVerdict
        ├── EndpointFailed
        ├── TransformFailed
        ├── ScoresIncomplete
        ├── ScoresTooLarge
        ├── ArtifactChanged
        ├── VerificationFailed
        └── VerificationInterrupted

Step Functions and SQS see class *names* only, so leaf names are public: each ``Retry`` in the state machines lists the
leaves of ``TransientError``. It knows nothing of AWS and imports nothing of ours.
"""

from collections.abc import Iterator


class RetrainError(Exception):
    """Anything that this app says is wrong."""


class InputError(RetrainError):
    """What came in is wrong; trying again changes nothing."""


class TransientError(RetrainError):
    """The world is not ready yet; the same call may succeed later."""


class SetupError(RetrainError):
    """Somebody has to change something: permissions, settings, a published model."""


class BadMessage(InputError):
    """A message has not the shape that its sender documents."""


class UnknownModel(InputError):
    """No model of that name has been published to this stack."""


class UnknownVersion(InputError):
    """The registry has no such version, or it has no artifact."""


class RunTaken(InputError):
    """The run that is about to begin was asked for with other settings."""


class NotAskable(InputError):
    """A run was asked for with a parameter that nobody may ask for, or with a value that it does not take."""


class Outdated(InputError):
    """A message was sent before the version's last decision, and would undo it."""


class NotCounted(InputError):
    """A yes does not count: its reviewer is not known, started the run, or said so in a way that counts once."""


class FilesRefused(InputError):
    """The run's own job refuses uploads that were accepted; the run can go on without them."""


class Gone(InputError):
    """The object version was deleted before it could be read."""


class ObjectArchived(InputError):
    """The object lies in a storage class from which it has to be restored before it can be read."""


class NameTaken(InputError):
    """A resource of the derived name exists with other content."""


class Throttled(TransientError):
    """AWS asks to slow down."""


class ServiceUnavailable(TransientError):
    """AWS had an error of its own, or could not be reached."""


class Contended(TransientError):
    """Another writer changed the ledger at the same moment."""


class NotSettledYet(TransientError):
    """Describe does not show the change yet (eventual consistency); retry."""


class EndpointBusy(TransientError):
    """The endpoint is being deleted, or SageMaker does not admit a change at the moment."""


class InsufficientCapacity(TransientError):
    """AWS has no instances of the type to give at the moment."""


class QuotaReached(TransientError):
    """A quota of concurrent use is used up; it frees itself when other work ends."""


class AccessDenied(SetupError):
    """The role of this function lacks a permission."""


class CallRefused(SetupError):
    """AWS refuses the call as it is made."""


class BadSettings(SetupError):
    """Environment variables are missing or wrong."""


class QuotaTooLow(SetupError):
    """A quota admits less than is requested, whatever else runs: somebody has to request an increase."""


class KeyUnusable(SetupError):
    """The KMS key is disabled, deleted or not to be found."""


class ResourceMissing(SetupError):
    """A resource that a call names or needs does not exist: bucket, table, topic, function, pipeline, machine, role."""


class ContainerFailed(SetupError):
    """The model's container answered a request with an error, or not in time."""


class UnknownKind(SetupError):
    """The ledger names a kind that this release of the app does not know."""


class PipelineFailed(SetupError):
    """The SageMaker pipeline execution did not succeed."""


class NoVerdict(SetupError):
    """The pipeline succeeded but left no evaluation, or passed and registered nothing."""


class EndpointFailed(SetupError):
    """The endpoint did not take the new version, or went back to the old one."""


class TransformFailed(SetupError):
    """The batch transform job did not complete."""


class ScoresIncomplete(SetupError):
    """The batch transform job answered more or fewer records than it was given."""


class ScoresTooLarge(SetupError):
    """A file's columns and its predictions are more together than a function holds."""


class ArtifactChanged(SetupError):
    """What is there is not what was judged: artifact, evaluation, verification, or what the registry says of them."""


class VerificationFailed(SetupError):
    """The version that was deployed answers something else than evaluation stored."""


class VerificationInterrupted(SetupError):
    """What was deployed could not be verified: there are no records, or something changed meanwhile."""


def leaves(kind: type[RetrainError]) -> Iterator[type[RetrainError]]:
    """The classes under ``kind`` that are raised: those without subclasses."""
    for sub in kind.__subclasses__():
        if sub.__subclasses__():
            yield from leaves(sub)
        else:
            yield sub
