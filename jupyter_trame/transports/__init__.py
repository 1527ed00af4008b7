"""How frames of clients and operations of links travel; a process imports the modules that it uses."""
