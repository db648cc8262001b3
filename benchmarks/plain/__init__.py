"""What one writes by hand: the scripts that the loop is held against, each a process of its own."""
