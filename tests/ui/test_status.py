"""What a part says beside what it shows."""

from jupyter_trame import Server
from jupyter_trame.execution.error_reports import ErrorReport
from jupyter_trame.ui.status import PartStatus, report_data


def test_a_status_is_a_key_with_a_map() -> None:
    server = Server("status")
    said = PartStatus(server, "said")
    assert server.state.said == {"busy": False, "error": None}
    said.tell(True)
    assert server.state.said == {"busy": True, "error": None}
    said.fail(ErrorReport("output a", "ValueError: no", ""))
    assert server.state.said["error"]["message"] == "ValueError: no"
    said.tell(True)
    assert server.state.said["error"], "until there is a result"
    said.clear()
    assert server.state.said == {"busy": False, "error": None}


def test_a_report_has_its_traceback_for_who_may_have_it() -> None:
    server, report = Server("status"), ErrorReport("output a", "ValueError: no", "Traceback: ...")
    assert report_data(server, report)["message"] == "ValueError: no"
    assert report_data(server, report)["trace"] is None, "it may be anybody who looks at a program's page"
