"""What belongs to lesson 3 alone."""
