"""Services of the notebook about narvi: what a service's kernel imports is a module, not a cell."""
