"""What moto's UpdateModelPackage leaves out, in tests that have no local cloud's registry: it takes no
InferenceSpecification, and forgets the approval status that a request does not name.
"""

from typing import Any

import pytest
from moto.sagemaker.responses import SageMakerResponse


def install(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have moto change what is named and leave the rest, as AWS does, until the test ends.

    Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_UpdateModelPackage.html
    """
    motos = SageMakerResponse.update_model_package

    def update(self: SageMakerResponse) -> Any:
        arn, backend = self._get_param("ModelPackageArn"), self.sagemaker_backend
        package = backend.model_packages[backend.model_package_name_mapping.get(arn, arn)]
        status = package.model_approval_status
        answer = motos(self)
        if self._get_param("ModelApprovalStatus") is None:
            package.set_model_approval_status(status)
        package.inference_specification = self._get_param("InferenceSpecification") or package.inference_specification
        return answer

    monkeypatch.setattr(SageMakerResponse, "update_model_package", update)
