"""What belongs to lesson 5 alone."""
