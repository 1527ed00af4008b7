"""`server.http_headers`: what every page and file of an app is sent with."""

from collections.abc import Mapping

__all__ = ["ISOLATION_HEADERS", "HttpHeader"]

ISOLATION_HEADERS: Mapping[str, str] = {
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Access-Control-Allow-Origin": "*",
}
"""What browsers ask for before they give a page ``SharedArrayBuffer``."""


class HttpHeader:
    """Headers by name, as they are set; a backend adds those that a successful response does not have yet."""

    def __init__(self, headers: Mapping[str, str] | None = None) -> None:
        self._headers: dict[str, str] = dict(headers or {})

    @property
    def headers(self) -> dict[str, str]:
        """The headers themselves: changing the dict changes what is sent from then on."""
        return self._headers

    def set_header(self, key: str, value: str) -> None:
        """Send ``key: value``."""
        self._headers[key] = value

    def remove_header(self, key: str) -> None:
        """Do not send `key`; one that was not set is ignored."""
        self._headers.pop(key, None)

    def get_header(self, key: str) -> str | None:
        """The value of `key`; None where there is none."""
        return self._headers.get(key)

    @property
    def shared_array_buffer(self) -> bool:
        """Whether the page is isolated, so that it has ``SharedArrayBuffer``. Setting it adds or removes headers."""
        return all(self._headers.get(key) == value for key, value in ISOLATION_HEADERS.items())

    @shared_array_buffer.setter
    def shared_array_buffer(self, value: bool) -> None:
        for key, wanted in ISOLATION_HEADERS.items():
            if value:
                self.set_header(key, wanted)
            else:
                self.remove_header(key)

    def apply(self) -> None:
        """Nothing to do: responses are sent with what `headers` holds at that moment."""
