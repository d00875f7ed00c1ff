"""Tests of the class as a stream."""
