"""A model file as a SageMaker pipeline definition with placeholders: JSON in, JSON out, but for the SDK's part."""
