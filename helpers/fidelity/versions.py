"""Rules to come."""

RULES: tuple[type, ...] = ()
