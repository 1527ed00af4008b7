"""Apps that packages register, read without importing any of them."""
