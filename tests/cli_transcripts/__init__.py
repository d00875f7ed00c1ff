"""Sessions typed into redis-cli and what it printed, to compare our terminal with."""
