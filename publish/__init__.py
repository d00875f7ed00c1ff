"""Build what is handed out from the notebooks."""
