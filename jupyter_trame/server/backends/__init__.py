"""What carries a server: sockets of its own, or a kernel."""
