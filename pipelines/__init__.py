"""Model files to SageMaker pipelines: check, compile, publish."""
