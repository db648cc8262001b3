"""Commands about registered versions: decide, roll back, ask what serves."""
