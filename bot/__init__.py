"""A quiz bot for teams that study together."""
