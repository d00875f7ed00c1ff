"""What Redis demands of each command, one class a rule."""
