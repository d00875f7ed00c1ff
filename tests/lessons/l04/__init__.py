"""What belongs to lesson 4 alone."""
