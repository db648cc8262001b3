"""How a model treats groups of people or things: rates and errors by group, how far they are apart, and the limits."""
