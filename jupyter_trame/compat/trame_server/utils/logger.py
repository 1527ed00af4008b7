"""``trame_server.utils.logger``."""

from jupyter_trame.compat.network_log import (
    StateExchangeType,
    action_c2s,
    action_s2c,
    error,
    initial_state,
    initialize_logger,
    state_c2s,
    state_exchange,
    state_s2c,
)
from jupyter_trame.runtime.network_log import NetworkLog

__all__ = [
    "NetworkLog",
    "StateExchangeType",
    "action_c2s",
    "action_s2c",
    "error",
    "initial_state",
    "initialize_logger",
    "state_c2s",
    "state_exchange",
    "state_s2c",
]
