"""HTTP requests that no browser sends, from a seed, and what a server answers to the raw bytes."""

import asyncio
import logging
import random
from collections.abc import Iterator
from typing import Self

__all__ = ["KNOWN_ANSWERS", "NoTracebacks", "exchange", "known_requests", "odd_requests"]

PATHS = [
    "%00",
    "a%00.bin",
    "%0a",
    "a.bin%0a",
    "%0d%0aX-Evil:%201",
    "%",
    "%zz",
    "%c3",
    "%ff%fe",
    "%ed%a0%80",
    "%2e%2e/%2e%2e/etc/passwd",
    "..%5c..%5cx",
    "//",
    "/./a.bin",
    "a.bin/",
    "a.bin/b",
    "x" * 300,
    "y/" * 2000,
    "%e2%80%ae",
    "%1b[2J",
    "a.bin?x=%00",
    "a.bin?%zz",
    "a.bin?v=%ff",
    "?" + "q" * 3000,
    "",
]
"""Where a file is looked for."""

NUMBERS = [
    "0",
    "1",
    "-1",
    "5119",
    "5120",
    "9" * 19,
    "9" * 5000,
    "00000",
    "",
    "a",
    "1.5",
    "\u0663",
    "0x1",
    " ",
]
DATES = [
    "Thu, 01 Jan 1970 00:00:00 GMT",
    "Sat, 01 Jan 0000 00:00:00 GMT",
    "Fri, 31 Dec 99999 23:59:60 GMT",
    "Thu, 32 Foo 2020 99:99:99 GMT",
    "Thu, 01 Jan 1970 00:00:00 +9999",
    "Mon, 01 Jan 0001 00:00:00 +2359",
    "Fri, 31 Dec 9999 23:59:59 -2359",
    "Thu, 01 Jan " + "1" * 5000 + " 00:00:00 GMT",
    "1" * 5000,
    "-1",
    "",
    "\u0663",
    "\x0b",
    ",,,",
]
TAGS = ['"', 'W/"', "*", '""', '"a"b"c', "W/*", '"x", ' * 2000, "\xff", ",", ""]


def odd_requests(seed: int, count: int, base: str, names: list[str]) -> Iterator[tuple[str, bytes]]:
    """`count` requests below the address `base`, also for the files `names`; each with how a failure calls it."""
    chance = random.Random(seed)

    def range_() -> str:
        unit = chance.choice(["bytes", "BYTES", "bytes ", "", "items", "bytes=bytes"])
        parts = [
            f"{chance.choice(NUMBERS)}-{chance.choice(NUMBERS)}"
            for _ in range(chance.choice([1, 1, 1, 2, 50]))
        ]
        return f"{unit}={','.join(parts)}"

    kinds = {
        "Range": range_,
        "If-Range": lambda: chance.choice(TAGS + DATES),
        "If-Modified-Since": lambda: chance.choice(DATES),
        "If-Unmodified-Since": lambda: chance.choice(DATES),
        "If-None-Match": lambda: chance.choice(TAGS),
        "If-Match": lambda: chance.choice(TAGS),
        "Origin": lambda: chance.choice(["null", "http://[", "http://x:99999", "\xff", ""]),
        "Cookie": lambda: chance.choice(["a=%00", "=;=;", "\xff", "x" * 5000, '_xsrf="']),
        "Accept-Encoding": lambda: chance.choice(["gzip;q=a", "\xff", ""]),
    }
    for _ in range(count):
        name = chance.choice(PATHS + names * 10)
        method = chance.choice(["GET", "GET", "GET", "HEAD"])
        headers = [f"{kind}: {kinds[kind]()}" for kind in chance.sample(sorted(kinds), chance.randint(0, 3))]
        lines = [f"{method} {base}{name} HTTP/1.1", *headers]
        yield "; ".join(line[:200] for line in lines), "\r\n".join(lines).encode("utf-8", "surrogatepass")


KNOWN_ANSWERS = {
    "Range: bytes=0-9": 206,
    "Range: bytes=-1": 206,
    "Range: bytes=5119-": 206,
    "Range: bytes=5120-": 416,
    f"Range: bytes={'9' * 19}-": 416,
    "If-Modified-Since: Fri, 31 Dec 9999 00:00:00 GMT": 304,
    f"If-Modified-Since: {'1' * 5000}": 200,
}
"""Header -> what every server answers that has a file of 5120 bytes."""


def known_requests(path: str) -> Iterator[tuple[str, bytes]]:
    """Requests for the file at `path` of `KNOWN_ANSWERS`, each with its header."""
    for header in KNOWN_ANSWERS:
        yield header, f"GET {path} HTTP/1.1\r\n{header}".encode()


async def exchange(port: int, head: bytes, *more: str) -> int:
    """The status that the server at `port` answers to the request, 0 for none, 599 for none in ten seconds."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        ends = [f"Host: 127.0.0.1:{port}", "Connection: close", *more, "", ""]
        writer.write(head + b"\r\n" + "\r\n".join(ends).encode())
        async with asyncio.timeout(10):
            answer = await reader.read()
    except TimeoutError:
        return 599
    except ConnectionError:
        return 0
    finally:
        writer.close()
    return int(answer.split(b" ", 2)[1]) if answer.startswith(b"HTTP/1.1 ") else 0


class NoTracebacks(logging.Handler):
    """Keeps what `loggers` say as errors or with a traceback."""

    def __init__(self, *loggers: logging.Logger) -> None:
        super().__init__()
        self.found: list[str] = []
        self._loggers = loggers

    def emit(self, record: logging.LogRecord) -> None:
        if record.exc_info or record.levelno >= logging.ERROR:
            self.found.append(self.format(record))

    def __enter__(self) -> Self:
        for logger in self._loggers:
            logger.addHandler(self)
        return self

    def __exit__(self, *_: object) -> None:
        for logger in self._loggers:
            logger.removeHandler(self)
