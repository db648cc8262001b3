"""What people are told later, together."""
