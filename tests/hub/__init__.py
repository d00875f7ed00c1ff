"""What a room starts from: the hub of one machine, the values for Kubernetes, the dev container."""
