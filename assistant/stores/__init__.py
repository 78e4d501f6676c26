"""What is kept on disk of what people do, and only where a setting allows it."""
