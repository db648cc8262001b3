"""What a function is made of: its package, its layers, and the runtime's own folder."""
