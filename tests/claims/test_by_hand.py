"""Claims about redis-py that neither a cell nor a line of redis-cli can show."""
