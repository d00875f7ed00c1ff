"""Tests of what saves and builds."""
