"""What others of this machine may do: what they make the log say, whose files and sockets are whose."""
