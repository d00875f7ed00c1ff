"""Tests of what a lesson's kernel does."""
