"""A calculator of each page's own: it has a total, which the page reads and changes by requests."""


class Calculator:
    def __init__(self, services):
        self.services = services
        self.total = 0.0
        self.requests = 0
        services.add_session_open_listener(self.opened)
        services.set_metrics_callback(
            lambda: {"requests": self.requests}, {"requests": {"min": 0, "colour": "teal"}}
        )

    def opened(self, app_name, session_id, query_parameters, headers):
        """Its address is this session's alone; the page is told."""
        pattern = "$operation/$number"
        _, url = self.services.create_request_service(
            app_name, pattern, self.calculate, session_id=session_id
        )
        self.services.send(url.removesuffix(pattern))

    def calculate(self, path_parameters, query_parameters, headers, body):
        self.requests += 1
        try:
            number = float(path_parameters["number"])
            operations = {"add": self.total + number, "multiply": self.total * number, "set": number}
            self.total = operations[path_parameters["operation"]]
        except (KeyError, ValueError):
            return 400, b"add, multiply or set, and a number", "text/plain", {}
        return 200, f"{self.total:g}".encode(), "text/plain", {}
