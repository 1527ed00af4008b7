"""What a server is, and how it runs, whatever carries it."""
