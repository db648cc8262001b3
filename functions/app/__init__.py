"""What the Lambdas share. flow -> ledger -> aws -> decide -> settings, errors: a room imports those to its right."""
