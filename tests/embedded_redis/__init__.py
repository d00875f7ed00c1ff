"""The embedded broker alone: whether it does as Redis does, and needs nothing of the course."""
