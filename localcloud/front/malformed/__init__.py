"""What is wrong with a request: in its end and bytes before anybody reads it, in its shape after it failed."""
