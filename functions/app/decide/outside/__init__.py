"""What the app says to those outside AWS: a chat's webhook."""
