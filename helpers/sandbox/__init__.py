"""Run code that is not ours, stop what goes on without end, put back what it changed."""
