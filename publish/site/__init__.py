"""Build the site: the lessons with their saved outputs, to read without running anything."""
