"""One folder per platform, the same file names in each: adapter.py connects, decodes and sends; render.py draws."""
