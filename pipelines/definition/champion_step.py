"""A champion of several containers answers this run's held-out and new rows, too: a step waits until it was asked.

A transform step of the pipeline itself could not: what it refers to must exist in every run, and a failed step fails
the execution, while a champion that cannot read today's rows is a finding. So a message goes to a queue; who reads it
runs the batch transform, and answers where its outcome lies. Pure: JSON in, JSON out.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/build-and-manage-steps-types.html#step-type-callback
"""

import copy
from collections.abc import Mapping
from typing import Any

from pipelines.definition import placeholders as at
from pipelines.definition.step_json import Json, get, join, output, s3_input

ASK, ANSWERS, HEARD = "AskChampion", "answers", "joint-answers"
RECORDS = "records"
QUESTIONS = "questions"  # has records of held-out rows, and of those that are new in their upload
LEAVE_QUESTIONS = ("preprocess.py", "split.py")  # a script of one's own leaves held-out rows alone


def rows_to_ask(preprocessing: Mapping[str, Any]) -> str:
    """The output that has the rows which a champion of several containers is asked about."""
    script = preprocessing["split"] or preprocessing["script"]
    return QUESTIONS if script in LEAVE_QUESTIONS else RECORDS


def ask(model: str, rows: str) -> Json:
    """The step that waits: who is to be asked, and in which output the ``rows`` lie.

    What serves may read folders of that name, of whichever step and output, and nothing else of a pipeline's.
    """
    where = output("Preprocess", rows)
    return {
        "Name": ASK,
        "Type": "Callback",
        "SqsQueueUrl": at.CHAMPION_QUEUE,
        "Arguments": {
            "model": model,
            "version": get("Parameters.ChampionVersion"),
            "records": where if rows == RECORDS else join([where, RECORDS]),
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
