"""Reading and checking of files that people upload. Pure."""
