"""Prints each step of the server's life."""

import asyncio
import sys

from trame.app import asynchronous, get_server
from trame.decorators import TrameApp, controller, life_cycle
from trame.ui.html import DivLayout
from trame.widgets import html


def say(*words):
    print("LIFE:", *words, flush=True)


@TrameApp()
class App:
    def __init__(self):
        self.server = get_server("life", client_type="vue3")
        self.server.state.count = 0
        with DivLayout(self.server):
            html.Button("{{ count }}", click="count = count + 1", classes="count")
            html.Button("fail", click=self.fail, classes="fail")
            html.Button("stop", click=self.server.controller.stop, classes="stop")

    @life_cycle.server_start
    def on_start(self, server, **_):
        say("start", server.name, server.port, server.running)

    @life_cycle.server_bind
    def on_bind(self, web):
        say("bind", web is not None)

    @life_cycle.server_ready
    def on_ready(self, count, **state):
        say("ready", count, self.server.running, self.server.port > 0)
        print("SERVER_PORT:", self.server.port, flush=True)

    @life_cycle.server_ready_task
    async def on_ready_task(self, **_):
        await asyncio.sleep(0)
        say("ready task")

    @life_cycle.client_connected
    def on_connected(self):
        say("client connected")

    @life_cycle.client_exited
    def on_exited(self):
        say("client exited")

    @life_cycle.error
    def on_error(self, message):
        say("error", message)

    @life_cycle.exception
    def on_exception(self, exception):
        say("exception", type(exception).__name__, exception)

    @life_cycle.server_exited
    def on_server_exited(self, count, **_):
        say("server exited", count)

    @controller.set("stop")
    def stop(self):
        asynchronous.create_task(self.server.stop())

    def fail(self):
        raise ValueError("as it should")


app = App()
say("main", sys.argv[1:])
app.server.start()
say("after")
