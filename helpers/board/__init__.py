"""The board of an instructor: the vote of a class, where it is, who is stuck."""
