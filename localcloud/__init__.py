"""The cloud on this machine: moto's API and state, with real execution where moto only pretends.

It knows AWS's shapes and nothing of the application that runs on it.
"""
