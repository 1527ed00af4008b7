"""The monitor: an app that shows all services of its server, and stops and restarts their instances."""

from jupyter_trame.narvi.apps.monitor.monitor_app import MonitorApp

__all__ = ["MonitorApp"]
