"""The jupyter-server extension: pages and sockets for the servers that run in its kernels. It runs no user code."""
