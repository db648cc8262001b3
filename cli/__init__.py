"""The ``retrain`` command: what a person types. It talks to AWS, or to the local cloud when one is running."""
