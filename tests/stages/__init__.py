"""Tests of the stage: its words, its picture, what the page gets of it."""
