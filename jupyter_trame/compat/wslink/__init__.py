"""``wslink``, as packages for trame import it."""

from jupyter_trame.compat.links import register, schedule_callback, schedule_coroutine

__all__ = ["register", "schedule_callback", "schedule_coroutine"]
