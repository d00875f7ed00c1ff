"""What belongs to lesson 7 alone."""
