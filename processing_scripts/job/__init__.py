"""What a job is told about its world, and how it ends."""
