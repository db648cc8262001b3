"""Keys of KMS that other services are asked to use: moto takes any, in whatever state it is."""
