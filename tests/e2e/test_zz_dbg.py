from tests.e2e.test_values import *
from tests.e2e.test_values import PICTURES
from tests.e2e.conftest import *
def test_dbg(lab):
    P = PICTURES.replace('with DivLayout(server):\n', 'state.k = 0\nwith DivLayout(server):\n    html.Span("{{ k }} {{ picture.length }} {{ picture.byteLength }}", classes="k")\n')
    lab.open_cells([LOAD, P, "state.picture = png(0, 0, 255); state.k = 1", "print(len(state.picture), server._runtime.primary.seq, len(server._runtime.primary._table['picture'].packed))"])
    lab.run(0); lab.run(1)
    view = lab.inline_view(); view.wait_picture(".picture")
    print("A", view.find(".k").inner_text(), view.find(".picture").get_attribute("src"))
    lab.run(2)
    lab.run(3)
    print("B", view.find(".k").inner_text(), view.find(".picture").get_attribute("src"), lab.text_output(3), lab.text_output(2))
    print(lab.watch.problems)
