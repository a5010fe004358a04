"""The terminal: a chat for one screen, and the test client of the features."""
