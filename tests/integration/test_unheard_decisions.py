"""Decisions of the registry whose event was lost: whoever looks at the model has them acted upon, once."""

import io
import json
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
import react_to_approval
import react_to_endpoint
from app.aws import clients
from app.decide.names.resource_names import execution_arn
from app.decide.names.statuses import RunStatus
from app.decide.names.times import iso
from app.decide.parsing import event_of
from app.ledger.batches import now
from app.ledger.live_versions import LiveVersion
from botocore.response import StreamingBody
from botocore.stub import Stubber
from lambda_context import Context
from moto_world import World
from test_approvals import IMAGE, Registry, registry_of

WHO = "approved by fake-user-profile-name"
LOOK = event_of("DeploymentDue", {"EndpointName": "retrain--churn"})


@dataclass
class Model:
    """Versions of churn that runs registered, and a function that reacts to decisions, which is invoked by name."""

    registry: Registry
    functions: Stubber

    def has(self, version: int, status: str = "Approved", why: str = "good") -> None:
        """A version whose decision was acted upon while its run waited."""
        self.registry.registers(version)
        self.registry.asks(version)
        self.registry.answers_somehow(version)
        self.decides(version, status, why)
        self.registry.hears(version)
        self.ends(version)

    def ends(self, version: int) -> None:
        ledger, run = self.registry.world.ledger, self.registry.run_of(version)
        arn = execution_arn(self.registry.world.machine, run)
        ledger.finish(run, arn, RunStatus.DEPLOYED, ())
        ledger.forget_token(f"approval/{self.registry.arn(version)}")
        ledger.close_execution(arn)

    def fails(self, version: int) -> None:
        self.registry.world.ledger.record_failure("churn", version, "wrong answers")
        tick()

    def serves(self, version: int) -> None:
        live = LiveVersion(version, f"retrain--churn-v{version}-aaaaaaaa")
        self.registry.world.ledger.set_live_version("churn", live, self.registry.run_of(version), None)

    def answers(self, version: int) -> None:
        """There is an endpoint of that version."""
        sagemaker, name = self.registry.sagemaker, f"retrain--churn-v{version}-aaaaaaaa"
        role, image = "arn:aws:iam::123456789012:role/serving", {"Image": IMAGE}
        sagemaker.create_model(ModelName=name, ExecutionRoleArn=role, PrimaryContainer=image)
        variant = {"VariantName": "AllTraffic", "ModelName": name, "InitialInstanceCount": 1}
        variant |= {"InstanceType": "ml.m5.large"}
        sagemaker.create_endpoint_config(EndpointConfigName=name, ProductionVariants=[variant])
        sagemaker.create_endpoint(EndpointName="retrain--churn", EndpointConfigName=name)

    def decides(self, version: int, status: str, why: str = "") -> None:
        described = {"ApprovalDescription": why} if why else {}
        self.registry.sagemaker.update_model_package(
            ModelPackageArn=self.registry.arn(version), ModelApprovalStatus=status, **described
        )
        tick()

    def expects_a_look_at(self, version: int) -> None:
        group, arn = "retrain--churn", self.registry.arn(version)
        detail = {"ModelPackageArn": arn, "ModelPackageGroupName": group, "ModelPackageVersion": version}
        event = event_of("PackageChanged", detail | {"UpdatedModelPackageFields": ["ModelApprovalStatus"]})
        asked = {"FunctionName": "ReactToApproval", "InvocationType": "Event", "Payload": json.dumps(event).encode()}
        answer = {"StatusCode": 202, "Payload": StreamingBody(io.BytesIO(b""), 0)}
        self.functions.add_response("invoke", answer, asked)
        self.event = event

    def looks(self) -> None:
        """The reconciler has the model looked at."""
        react_to_endpoint.handler(LOOK, Context())
        self.functions.assert_no_pending_responses()

    def starts(self, version: int, why: str) -> None:
        begun = {"executionArn": "arn:aws:states:us-east-1:123456789012:execution:a:b", "startDate": now()}
        task = {"entry": "Deploy", "model": "churn", "run": self.registry.run_of(version), "version": version}
        task |= {"why": why} if why else {}
        asked = {"name": f"{self.registry.run_of(version)}-d1", "input": json.dumps(task)}
        self.registry.machine.add_response(
            "start_execution", begun, asked | {"stateMachineArn": self.registry.world.machine}
        )

    @property
    def failed(self) -> set[int]:
        return self.registry.world.ledger.failed_versions("churn")


def tick() -> None:
    """Times of the ledger are to the millisecond: what follows is later."""
    at = iso(now())
    while iso(now()) == at:
        continue


@pytest.fixture
def model(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[Model]:
    monkeypatch.setenv("APPROVAL_FUNCTION", "ReactToApproval")
    monkeypatch.setenv("VERDICT_FUNCTION", "ReadVerdict")
    with registry_of(world) as registry, Stubber(clients.client("lambda")) as functions:
        yield Model(registry, functions)


@pytest.mark.parametrize("heard", ["the rejection", "neither of them"])
def test_an_approval_that_nobody_heard_of_gives_a_failed_version_another_chance(model: Model, heard: str) -> None:
    model.has(1)
    model.fails(1)
    model.decides(1, "Rejected", "it answered wrongly")
    if heard == "the rejection":
        model.registry.hears(1)
    model.decides(1, "Approved", "the image is mended")
    model.expects_a_look_at(1)
    model.looks()

    model.starts(1, WHO)
    react_to_approval.handler(model.event, Context())

    assert model.failed == set()
    model.looks()  # nobody is asked any more


@pytest.mark.parametrize("rejected", [False, True], ids=["approved twice", "rejected in between"])
def test_an_approval_while_the_run_of_a_failed_version_ends_gives_it_another_chance(
    model: Model, rejected: bool
) -> None:
    """The run has its answer, and its token is still there: the later approval is not what it waited for."""
    model.registry.registers(1)
    model.registry.asks(1)
    model.registry.answers_somehow(1)
    model.decides(1, "Approved", "good numbers")
    model.registry.hears(1)
    model.fails(1)
    if rejected:
        model.registry.answers_somehow(1)  # whoever claimed the token may have died before
        model.decides(1, "Rejected", "it answered wrongly")
        model.registry.hears(1)
    model.registry.answers_somehow(1)
    model.decides(1, "Approved", "the image is mended")

    model.registry.hears(1)

    assert model.failed == set()
    model.ends(1)
    model.starts(1, "")
    model.looks()


def test_an_approval_that_nobody_heard_of_answers_the_run_that_waits_for_it(model: Model) -> None:
    model.registry.registers(1)
    model.registry.asks(1)
    model.looks()  # nothing is approved: nobody is asked
    model.decides(1, "Approved", "good numbers")
    model.expects_a_look_at(1)
    model.looks()

    model.registry.answers_somehow(1)
    react_to_approval.handler(model.event, Context())


def test_an_edit_of_a_failed_version_is_no_new_approval(model: Model) -> None:
    model.has(1)
    model.fails(1)
    model.registry.sagemaker.update_model_package(
        ModelPackageArn=model.registry.arn(1),
        ModelApprovalStatus="Approved",
        ApprovalDescription="good",
        CustomerMetadataProperties={"owner": "Ada"},
    )

    model.looks()
    model.registry.hears(1)

    assert model.failed == {1}


def test_who_died_before_the_failure_was_forgotten_is_made_up_for(model: Model) -> None:
    model.has(1)
    model.fails(1)
    model.decides(1, "Rejected")
    model.registry.hears(1)
    model.decides(1, "Approved")
    package = {"status": "Approved", "at": iso(now())}
    model.registry.world.ledger.record_decision("churn", model.registry.arn(1), 1, package["status"], package["at"])
    model.expects_a_look_at(1)
    model.looks()

    model.starts(1, WHO)
    react_to_approval.handler(model.event, Context())

    assert model.failed == set()


def test_an_approval_that_is_heard_after_its_version_failed_changes_nothing(model: Model) -> None:
    """Who compared what serves with what should deployed it before the event came."""
    model.has(1, "Rejected")
    model.decides(1, "Approved", "good after all")
    model.fails(1)

    model.registry.hears(1)

    assert model.failed == {1}


def test_people_are_told_that_what_was_rejected_serves_on_though_nobody_heard_of_it(model: Model) -> None:
    model.has(1)
    model.serves(1)
    model.answers(1)
    model.decides(1, "Rejected", "unfair")
    model.registry.world.mail()
    model.expects_a_look_at(1)
    model.looks()

    react_to_approval.handler(model.event, Context())

    (mail,) = model.registry.world.mail()
    assert mail.startswith("Version 1 of churn was rejected and serves all the same")
    model.looks()  # nobody is asked any more
    assert model.registry.world.mail() == []


def test_people_are_told_that_what_was_rejected_while_it_was_verified_serves(model: Model) -> None:
    model.has(1)
    model.answers(1)
    model.decides(1, "Rejected", "unfair")
    model.registry.hears(1)
    assert not [mail for mail in model.registry.world.mail() if "serves all the same" in mail]
    model.serves(1)

    for _ in range(2):
        model.looks()

    assert [mail.partition(" and ")[0] for mail in model.registry.world.mail()] == ["Version 1 of churn was rejected"]


def test_what_comes_back_for_a_rejection_that_nobody_heard_of_says_why(model: Model) -> None:
    model.has(1)
    model.has(2)
    model.serves(2)
    model.decides(2, "Rejected", "unfair")
    model.expects_a_look_at(2)
    model.starts(1, "version 2 was rejected")

    model.looks()

    assert model.registry.timeline(1)[-1] == "version 2 was rejected"


def test_what_comes_back_for_a_version_that_left_the_registry_says_so(model: Model) -> None:
    model.has(1)
    model.has(2)
    model.serves(2)
    model.registry.sagemaker.update_model_package(
        ModelPackageArn=model.registry.arn(2), ModelApprovalStatus="PendingManualApproval"
    )
    model.starts(1, "version 2 is not approved any more")

    model.looks()

    assert model.registry.timeline(1)[-1] == "version 2 is not approved any more"


def test_a_yes_in_the_registry_that_nobody_counted_is_counted(model: Model) -> None:
    review = {"reviewers": ["ada@example.com", "bob@example.com"], "needed": 2}
    model.registry.registers(1, review=review)
    model.registry.asks(1)
    model.ends(1)
    model.decides(1, "Approved", "good")
    model.expects_a_look_at(1)
    model.looks()

    react_to_approval.handler(model.event, Context())

    assert model.registry.status(1) == "PendingManualApproval"
    model.looks()
