"""What tornado's log says of requests that fail: an address may hold a secret, or the token of a Jupyter server."""

from types import TracebackType

from tornado.log import app_log, gen_log
from tornado.web import HTTPError, RequestHandler

from jupyter_trame.log_text import foreign

__all__ = ["LogsNoQuery"]


class LogsNoQuery(RequestHandler):
    """A handler whose requests are logged without their queries, on one line each."""

    def request_in_log(self) -> str:
        """Method, path and address of the client."""
        request = self.request
        return f"{foreign(request.method)} {foreign(request.path)} ({request.remote_ip})"

    def log_exception(
        self,
        typ: type[BaseException] | None,
        value: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        """As tornado, which repeats the whole address, and the words of the client as they are."""
        if isinstance(value, HTTPError):
            if message := value.get_message():
                gen_log.warning("%d %s: %s", value.status_code, self.request_in_log(), foreign(message))
        elif typ is not None and value is not None:
            app_log.error("Uncaught exception %s", self.request_in_log(), exc_info=(typ, value, tb))
