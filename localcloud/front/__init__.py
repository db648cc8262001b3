"""The cloud's door: HTTP, who is answered, and where moto is patched."""
