"""What a part says beside what it shows."""

from jupyter_trame import Server
from jupyter_trame.execution.error_reports import ErrorReport
from jupyter_trame.ui.status import NO_STATUS, report_data, status


def test_a_status_is_a_map() -> None:
    assert NO_STATUS == status() == {"busy": False, "error": None}
    assert status(busy=True) == {"busy": True, "error": None}


def test_a_report_has_its_traceback_for_who_may_have_it() -> None:
    server, report = Server("status"), ErrorReport("output a", "ValueError: no", "Traceback: ...")
    assert report_data(server, report)["message"] == "ValueError: no"
    assert report_data(server, report)["trace"] is None, "it may be anybody who looks at a program's page"
