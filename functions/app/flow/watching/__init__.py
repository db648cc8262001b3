"""What watches the serving version, and begins runs by itself."""
