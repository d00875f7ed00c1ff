"""What belongs to lesson 9 alone."""
