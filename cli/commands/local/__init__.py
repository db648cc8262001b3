"""Commands about the local cloud."""
