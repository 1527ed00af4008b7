"""Files of apps: which one an address means, and with what it is sent, whoever sends it."""
