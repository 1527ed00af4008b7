"""Narvi: small web applications, each a Python class behind an address of workspace, app and service id.

Programs written for the original run on this. Names are loaded when they are used: a process that hosts services
elsewhere has no need of all of them.
"""
