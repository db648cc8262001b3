"""Model servers: HTTP around a loaded model, as the images of AWS answer."""
