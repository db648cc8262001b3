"""What people look after, as they are shown it: dead letters, alarms, uploads. Pure."""
