"""What a model archive holds, and how it is packed, loaded and asked."""
