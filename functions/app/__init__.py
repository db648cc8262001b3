"""What the Lambdas share: rules that decide, and one module per service that acts."""
