"""What people look after: the logs of jobs, alarms, and dead letters."""
