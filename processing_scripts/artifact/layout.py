"""What lies where in a model.tar.gz: names that jobs, containers and packages of earlier releases agree upon.

The algorithm's own model file is named by ``predictors.LOADERS``. What else is in ``CODE`` follows from the imports of
the program that a container starts (``archives.code_of``). Travels inside the deployable artifact.
"""

CODE = "code"
FEATURES = "features.json"  # the fitted transformer and the answer settings
PROFILE = "profile.json"  # what the training data looked like
LEARNT = "learnt.json"  # which rows it was trained on, as hashes

INFERENCE = "inference.py"  # the program of a model in one container
FIRST_STAGE, LAST_STAGE = "features_stage.py", "answer_stage.py"  # of the two that stand around an algorithm's own
