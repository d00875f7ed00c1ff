"""The frame of a lab: its model, its controls, its picture, its page."""
