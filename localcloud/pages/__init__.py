"""The cloud's own pages for people: the mails that nobody sent, the bus, queues, buckets and logs."""
