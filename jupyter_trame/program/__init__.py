"""A server that carries itself: python app.py."""
