"""Measurements and generators, each with a make target."""
