"""Tests of redis-cli in a cell."""
