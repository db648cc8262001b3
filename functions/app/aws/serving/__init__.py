"""What AWS does for endpoints that serve, beside SageMaker."""
