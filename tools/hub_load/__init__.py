"""A room of learners on a hub of this machine, all at once: whether it holds, how fast, how large."""
