"""What a model file could say of a table that nobody described."""
