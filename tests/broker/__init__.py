"""Tests of the broker of a notebook."""
