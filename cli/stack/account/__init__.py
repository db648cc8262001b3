"""What the account that is talked to would meet: its quotas, and what a region lacks."""
