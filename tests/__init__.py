"""Check the course: `make test` runs all of it."""
