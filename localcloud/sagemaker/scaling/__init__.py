"""Application Auto Scaling for SageMaker's variants: who may be scaled, between which bounds, and by which policies."""
