"""Pages that browsers ask for: a decision behind a mail's link, and the console."""
