"""Answers to lesson 11, and what its recordings hold."""
