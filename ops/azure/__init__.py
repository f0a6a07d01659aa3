"""Azure, as day-2 commands ask about it."""
