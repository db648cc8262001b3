"""Names that several sides must agree on: of resources, keys of the data bucket, statuses, times, hashes. Pure."""
