"""How objects become something that clients can show; the packages that they are of are not imported for it."""
