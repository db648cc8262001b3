"""Commands about model files and what is published of them."""
