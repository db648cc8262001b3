"""Names that several sides must agree on: of resources, keys of the data bucket, statuses, times, hashes; and of how
a text from outside is written for people. Pure."""
