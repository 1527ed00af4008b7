"""RPC methods and publications of the app's own."""

import asyncio

from trame.app import get_server
from trame.ui.html import DivLayout
from trame.widgets import client, html
from wslink import register as export_rpc
from wslink import schedule_callback
from wslink.websocket import LinkProtocol


class Measurements(LinkProtocol):
    def __init__(self):
        super().__init__()
        self._clients = set()

    @export_rpc("lab.add")
    def add(self, a, b=0):
        return a + b

    @export_rpc("lab.add.later")
    async def add_later(self, a, b=0):
        await asyncio.sleep(0.05)
        return a + b

    @export_rpc("lab.bytes")
    def reverse(self, data):
        return {"reversed": self.addAttachment(bytes(data)[::-1]), "size": len(data)}

    @export_rpc("lab.start")
    def start(self, count):
        self.publish("lab.started", {"count": count, "raw": memoryview(b"\x01\x02")})
        schedule_callback(0.02, self.tick, count)

    @export_rpc("lab.fail")
    def fail(self):
        raise RuntimeError("no such measurement")

    @export_rpc("lab.shared")
    def shared(self):
        return self.getSharedObject("unit")

    @export_rpc("lab.clients")
    def clients(self):
        return len(self._clients)

    def onConnect(self, request, client_id):  # noqa: N802
        self._clients.add(client_id)

    def onClose(self, client_id):  # noqa: N802
        self._clients.discard(client_id)

    def tick(self, count):
        self.publish("lab.tick", [count])
        if count > 1:
            schedule_callback(0.02, self.tick, count - 1)


SCRIPT = """
(async () => {
  while (!window.trame?.client?.getConnection?.()?.getSession?.()) await new Promise((r) => setTimeout(r, 20));
  const session = window.trame.client.getConnection().getSession();
  const sum = await session.call("lab.add", [2], { b: 40 });
  const { reversed } = await session.call("lab.bytes", [new Uint8Array([1, 2, 3])]);
  const ticks = [];
  await new Promise((done) => {
    session.subscribe("lab.tick", ([[n]]) => { ticks.push(n); if (n === 1) done(); });
    session.call("lab.start", [3]);
  });
  window.trame.state.set("log", `sum ${sum}, bytes ${Array.from(reversed).join("-")}, ticks ${ticks.join("-")}`);
})();
"""

server = get_server(client_type="vue3")
server.state.log = "waiting"
measurements = Measurements()


@server.add_protocol_to_configure
def configure(protocol):
    protocol.setSharedObject("unit", {"symbol": "µm"})
    protocol.registerLinkProtocol(measurements)


@server.trigger("in_process")
async def in_process():
    return [
        server.protocol_call("lab.add", 1, b=2),
        await server.protocol_call("lab.add.later", 3, b=4),
        server.protocol_call("lab.none"),
    ]


with DivLayout(server):
    client.Script(SCRIPT)
    html.Pre("{{ log }}", classes="log")

server.start()
