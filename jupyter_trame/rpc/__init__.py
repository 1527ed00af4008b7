"""What clients ask of a server: writes, triggers, methods of packages, files."""
