"""The site: what its pages are made of, and its pages in a real browser."""
