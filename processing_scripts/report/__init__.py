"""evaluation.json as a page for people."""
