"""What SageMaker names the jobs and models that a pipeline's steps start.

``pipelines-<execution>-<step>-<token>`` with the first 20 characters of the step's name, as in
pipelines-8pk6dxn4cfvl-Rossmann-Model-Train-bPVYsMzUlc. A tuning job's name has 32 characters at most, which leaves no
room for the word in front, and 8 of the step's name: bqbpzw5k3d15-hptuning-U0H0Wl6oKU. (One of 2022 has only 7 of them:
sd52eaxvt60k-hp-tuni-bsg5hjrhyx. Nothing should count on which.)

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/build-and-manage-access.html (job prefixes: what a name is made
of), https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateHyperParameterTuningJob.html (32 characters);
how a tuning job is named stands nowhere, so the names are those that jobs of others had, in public code
"""

from __future__ import annotations

import secrets
import string

LETTERS = string.ascii_letters + string.digits
OF_STEP = 20  # characters
OF_TUNING_STEP = 8


def step_job_name(execution_id: str, step: str, token: str) -> str:
    """The name of what a step starts; ``execution_id`` has 12 letters and digits, ``token`` 10."""
    return f"pipelines-{execution_id}-{step[:OF_STEP]}-{token}"


def tuning_job_name(execution_id: str, step: str, token: str) -> str:
    """The name of the tuning job that a step starts."""
    return f"{execution_id}-{step[:OF_TUNING_STEP]}-{token}"


def fresh_token() -> str:
    """Ten letters and digits that no other attempt has."""
    return "".join(secrets.choice(LETTERS) for _ in range(10))
