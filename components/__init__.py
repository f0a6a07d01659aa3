"""What Pulumi provisions. Nothing here talks to a cloud by itself."""
