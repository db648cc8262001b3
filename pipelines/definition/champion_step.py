"""A champion of several containers answers this run's held-out rows, too: a step waits until somebody has asked it.

A transform step of the pipeline itself could not: what it refers to must exist in every run, and a failed step fails
the execution, while a champion that cannot read today's rows is a finding. So a message goes to a queue; who reads it
runs the batch transform, and answers where its outcome lies. Pure: JSON in, JSON out.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/build-and-manage-steps-types.html#step-type-callback
"""

import copy

from pipelines.definition import placeholders as at
from pipelines.definition.step_json import Json, get, output, s3_input

ASK, ANSWERS, HEARD = "AskChampion", "answers", "joint-answers"


def ask(model: str) -> Json:
    """The step that waits: who is to be asked, and where the rows lie."""
    return {
        "Name": ASK,
        "Type": "Callback",
        "SqsQueueUrl": at.CHAMPION_QUEUE,
        "Arguments": {
            "model": model,
            "version": get("Parameters.ChampionVersion"),
            "records": output("Preprocess", "records"),
        },
        "OutputParameters": [{"OutputName": ANSWERS, "OutputType": "String"}],
    }


def with_answers(score: Json) -> Json:
    """The step that scores the champion, told what the waiting step heard."""
    made: Json = copy.deepcopy(score)
    inputs = made["Arguments"]["ProcessingInputs"]
    made["Arguments"]["ProcessingInputs"] = [
        *inputs, s3_input(inputs[0], HEARD, get(f"Steps.{ASK}.OutputParameters['{ANSWERS}']"))
    ]  # fmt: skip
    return made
