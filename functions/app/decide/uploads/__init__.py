"""What is read out of files that people upload, and what is held of it. Pure."""
