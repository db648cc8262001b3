"""What AWS asks for instances: list prices, what jobs billed, and what serving will cost. Pure."""
