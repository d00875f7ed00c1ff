"""What belongs to lesson 2 alone."""
