"""Tests of the lessons as files."""
