"""The quiz itself: pure and synchronous. Time, chance and ids are arguments."""
