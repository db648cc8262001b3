"""From an approved version to one that serves and is verified."""
