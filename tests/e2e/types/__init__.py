"""Every type of a value: what a page makes of it, and what Python gets back."""
