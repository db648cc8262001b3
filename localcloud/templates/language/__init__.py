"""What a template's text means: its structure, its parameters and its intrinsic functions. Pure."""
