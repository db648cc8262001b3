"""The local cloud as the command sees it: its process, its stack, the configuration of SDKs."""
