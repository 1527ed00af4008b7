"""What a report says, as values and in words."""

import json

from IPython.lib.pretty import pretty

from jupyter_trame.doctor.report import DataPath, Environment, Finding, Limit, Report, RoundTrip

REPORT = Report(
    "server demo",
    (
        Environment("Jupyter server", "1.2.0", {"Python": "3.12.3"}),
        Environment("kernel", ""),
    ),
    (DataPath("websocket", ""), DataPath("comm", "the websocket was refused")),
    (RoundTrip("kernel and page", 10, 0.4, 1.25, 3.5),),
    (Limit("largest message", "1 GiB"),),
    (Finding("warning", "the kernel is older", '%pip install "jupyter-trame==1.2.0"', "in a cell"),),
)


def test_the_text_has_each_fact_and_the_command() -> None:
    text = str(REPORT)
    for part in (
        "jupyter_trame doctor: server demo",
        "jupyter_trame 1.2.0, Python 3.12.3",
        "jupyter_trame of an unknown version",
        "nothing faster is to be had",
        "the websocket was refused",
        "0.4 ms back to back, 1.25 ms with pauses (medians of 10), 3.5 ms the slowest",
        "1 GiB",
        "warning  the kernel is older",
        'in a cell: %pip install "jupyter-trame==1.2.0"',
    ):
        assert part in text


def test_findings_come_first_and_health_is_said() -> None:
    assert str(REPORT).splitlines()[2] == "Findings"
    healthy = Report("server demo", findings=(Finding("note", "as it should be"),))
    assert healthy.healthy
    assert not REPORT.healthy
    assert "healthy  nothing is wrong" in str(Report("server demo"))


def test_the_worst_finding_comes_first() -> None:
    findings = tuple(Finding(severity, severity) for severity in ("note", "error", "warning"))
    assert [each.what for each in Report("x", findings=findings).findings] == ["error", "warning", "note"]


def test_a_prompt_gets_the_text() -> None:
    assert pretty(REPORT) == str(REPORT)


def test_a_cell_gets_the_same_as_html() -> None:
    html = REPORT._repr_html_()
    assert '<dt data-label="warning">warning</dt>' in html
    assert "<code>%pip install &quot;jupyter-trame==1.2.0&quot;</code>" in html


def test_the_values_go_as_json() -> None:
    document = json.loads(json.dumps(REPORT.as_dict()))
    assert document["findings"] == [
        {
            "severity": "warning",
            "what": "the kernel is older",
            "command": '%pip install "jupyter-trame==1.2.0"',
            "where": "in a cell",
        }
    ]
    assert document["environments"][1] == {"place": "kernel", "version": "", "packages": {}, "python": ""}
