"""Handouts of the lessons on paper: for students, for instructors, and the whole course.

Usage: python -m publish.handouts      (or: make handouts)
Each lesson goes one way: its notebook → a Lesson → an edition of it → HTML → PDF.
The cards and the instructor's notes are written by hand, one file a lesson, in `notes/`.
"""
