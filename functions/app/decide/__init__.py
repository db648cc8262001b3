"""What is decided: pure functions and values."""
