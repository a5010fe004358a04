"""content/ -> questions: reading packs, checking them, and measuring what they cover."""
