"""One room for all pages: whatever one says all hear, and who comes later hears what was said."""

import json
import os
from collections import deque

from jupyter_trame.narvi import ProcessMetrics

METRICS = ["pcpu", "rss"]


class Chat:
    def __init__(self, services, kept=50):
        self.services = services
        self.said = deque(maxlen=kept)
        self.count = 0
        services.add_session_open_listener(self.opened)
        services.add_message_listener(self.heard)
        metadata = {name: ProcessMetrics.get_metrics_metadata()[name] for name in METRICS}
        metadata["messages"] = {"min": 0, "colour": "orange", "minmax_decimal_places": 0}
        services.set_metrics_callback(self.measure, metadata)

    def opened(self, app_name, session_id, query_parameters, headers):
        self.services.send(json.dumps(list(self.said)), for_session_id=session_id)

    def heard(self, msg, session_id):
        line = {"who": session_id[:4], "text": str(msg)[:500]}
        self.said.append(line)
        self.count += 1
        self.services.send(json.dumps([line]))

    def measure(self):
        return {**ProcessMetrics.get_process_metrics(os.getpid(), METRICS), "messages": self.count}
