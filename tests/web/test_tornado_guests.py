"""What a door sees of a connection of tornado's; with the door it is in `test_door.py`."""

import asyncio
import socket

from tornado.web import Application, RequestHandler

from jupyter_trame.web.tornado_guests import GuestHTTPServer

TIMEOUT = 10
HEAD = b"GET / HTTP/1.1\r\nHost: localhost\r\n"


class Held(RequestHandler):
    """Answers when it may."""

    async def get(self) -> None:
        asked: asyncio.Event = self.application.settings["asked"]
        may: asyncio.Event = self.application.settings["may"]
        asked.set()
        await may.wait()
        self.finish("here")


def test_a_connection_from_its_first_request_to_its_end() -> None:
    async def scenario() -> None:
        asked, may = asyncio.Event(), asyncio.Event()
        http = GuestHTTPServer(Application([("/", Held)], asked=asked, may=may, log_function=lambda _: None))
        ours, theirs = socket.socketpair()
        guest = http.admit(theirs)
        reader, writer = await asyncio.open_connection(sock=ours)
        assert guest.idle
        assert guest.owes
        before = guest.moved
        writer.write(HEAD)
        while guest.moved == before:  # noqa: ASYNC110 - nothing tells of it
            await asyncio.sleep(0)
        assert guest.idle
        writer.write(b"\r\n")
        await asked.wait()
        assert not guest.idle
        assert not guest.owes
        may.set()
        await reader.readuntil(b"here")
        while not guest.idle:  # noqa: ASYNC110 - as above
            await asyncio.sleep(0)
        assert not guest.gone
        guest.abort()
        assert guest.gone
        assert await reader.read() == b""
        writer.close()

    asyncio.run(asyncio.wait_for(scenario(), TIMEOUT))
