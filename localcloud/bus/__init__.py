"""What carries messages: events, schedules, queues, topics, and the buckets that tell of their objects."""
