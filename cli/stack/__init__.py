"""What is asked of a deployed stack, here or on AWS."""
