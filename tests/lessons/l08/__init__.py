"""What belongs to lesson 8 alone."""
