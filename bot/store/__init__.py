"""Persistence: `engine.open_store` gives a store over an SQLite file or a PostgreSQL database."""
