"""What the app does outside AWS: runs shown in MLflow."""
