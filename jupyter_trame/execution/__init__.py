"""Who runs user code: the loop that owns a server, its threads, and the guard around every callback."""
