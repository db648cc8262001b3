"""What AWS saw: the logs of jobs."""
