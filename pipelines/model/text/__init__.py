"""A model file as a text, before it is a model."""
