"""Commands that send rows: to learn from, or to be scored."""
