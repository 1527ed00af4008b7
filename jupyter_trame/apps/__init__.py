"""Registered apps: which there are, and how one is started in a kernel of its own."""
