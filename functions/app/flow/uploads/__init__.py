"""What becomes of an uploaded file."""
