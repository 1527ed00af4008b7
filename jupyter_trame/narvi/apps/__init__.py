"""Apps that come with narvi."""
