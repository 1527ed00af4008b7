"""The page without a browser: what templates mean, and what they show."""
