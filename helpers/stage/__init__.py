"""A stage on which one sees who holds what: its model, its words, its picture, its page."""
