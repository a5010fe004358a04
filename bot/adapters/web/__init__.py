"""The browser: a page that behaves like a small chat."""
