"""What belongs to lesson 1 alone."""
