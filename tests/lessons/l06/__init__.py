"""What belongs to lesson 6 alone."""
