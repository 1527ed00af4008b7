"""What tests of several folders share: an app and its clients, processes of one test, apps to install."""

RUNTIME = "__import__('jupyter_trame.server').server.runtime_of(server)"
"""In the code of a cell that knows `server`: how that one runs."""
UPLOADS = "__import__('jupyter_trame.server').server.life_cycle_of(server).at_end[0].__self__"
"""The same for the files that clients bring it."""
