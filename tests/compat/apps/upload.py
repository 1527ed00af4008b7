"""A file goes up, its name and size come back; a download comes from Python."""

from trame.app import get_server
from trame.app.file_upload import ClientFile
from trame.ui.vuetify3 import SinglePageLayout
from trame.widgets import vuetify3 as v3

server = get_server(client_type="vue3")
state, ctrl = server.state, server.controller
state.report = "nothing yet"


@state.change("file")
def on_file(file, **_):
    if file is None:
        return
    upload = ClientFile(file[0] if isinstance(file, list) else file)
    if upload.is_empty:
        return
    state.report = f"{upload.name}: {upload.size} bytes, {upload.content.count(b'a')} a, {upload.mime_type}"


@ctrl.trigger("download")
def download():
    return server.protocol.addAttachment(b"\x00\x01binary\xff")


with SinglePageLayout(server) as layout:
    layout.title.set_text("Upload")
    with layout.content, v3.VContainer():
        v3.VFileInput(label="File", v_model=("file", None), classes="file")
        v3.VBtn(
            "Download",
            click="utils.download('x.bin', trigger('download'), 'application/octet-stream')",
            classes="get",
        )
        v3.VCardText("{{ report }}", classes="report")

if __name__ == "__main__":
    server.start()
