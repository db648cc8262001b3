"""Function URLs: a function answers a request of HTTP."""
