"""What protects versions and data: the content that was judged, and keys. Pure."""
