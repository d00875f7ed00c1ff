"""A room of learners on a hub of this machine: whether it holds, how fast, how large it is."""
