"""What the monitor keeps and says: contract c.5 row 12, without a host."""

import json
import logging
import math
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_trame.services import monitoring
from jupyter_trame.services.instance import InstanceKey
from jupyter_trame.services.instances import InstanceTable
from jupyter_trame.services.monitoring import Monitor, clean_metadata, clean_metrics, overview, status
from tests.services.support import app, registry_with, service

KEY = InstanceKey("w", "service", "x")
LOGGER = logging.getLogger("monitor")


def test_samples_are_newest_first_and_as_many_as_the_retention_holds() -> None:
    monitor = Monitor(2, 7, LOGGER)
    assert monitor.most == 3
    for now in range(5):
        monitor.record(KEY, now, {"a": now}, {"a": {"min": 0}})
        monitor.end_round(now, [KEY])
    assert monitor.samples(KEY) == [[4, {"a": 4}], [3, {"a": 3}], [2, {"a": 2}]]
    assert monitor.metadata(KEY) == {"a": {"min": 0}}


def test_at_least_one_sample_is_kept() -> None:
    assert Monitor(10, 1, LOGGER).most == 1
    assert Monitor(0.2, 0.6, LOGGER).most == 3


def test_none_keeps_what_memory_allows_and_says_so_once(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(monitoring, "MOST_SAMPLES", 3)
    with caplog.at_level(logging.INFO):
        monitor = Monitor(1, None, LOGGER)
        monitor.most = 3
        for now in range(9):
            monitor.record(KEY, now, {}, {})
    assert len(monitor.samples(KEY)) == 3
    assert [record.message for record in caplog.records if "has 3 samples" in record.message] != []
    assert len(caplog.records) == 1
    monkeypatch.undo()
    assert Monitor(1, None, LOGGER).most == 10_000


def test_one_that_has_stopped_shows_nothing_until_its_samples_have_aged_out() -> None:
    monitor = Monitor(1, 3, LOGGER)
    for now in range(2):
        monitor.record(KEY, now, {"a": now}, {})
        monitor.end_round(now, [KEY])
    seen = []
    for now in range(2, 6):
        monitor.end_round(now, [])
        seen.append([metrics for _, metrics in monitor.samples(KEY)])
    assert seen == [[None, {"a": 1}, {"a": 0}], [None, None, {"a": 1}], [], []]
    assert monitor.known == []


def test_those_that_have_stopped_are_few() -> None:
    monitor = Monitor(1, None, LOGGER)
    for number in range(300):
        monitor.record(InstanceKey("w", "service", "x", str(number)), number, {"a": 1}, {})
    monitor.end_round(300, [])
    assert [key.session_id for key in monitor.known] == [str(number) for number in range(200, 300)]


def test_metrics_are_finite_numbers() -> None:
    given: dict[Any, Any] = {
        "int": 1,
        "float": 1.5,
        "flag": True,
        "fraction": Fraction(1, 2),
        "nan": math.nan,
        "inf": math.inf,
        "text": "7",
        "none": None,
        7: 7,
        "huge": 10**400,
    }
    assert clean_metrics(given) == {"int": 1, "float": 1.5, "flag": True, "fraction": 0.5}


def test_metadata_is_what_pages_know() -> None:
    given: dict[Any, Any] = {
        "a": {"min": 0, "max": math.inf, "colour": "red", "minmax_display": False, "on": "click", "x": {}},
        "b": None,
        7: {},
    }
    assert clean_metadata(given) == {"a": {"min": 0, "colour": "red", "minmax_display": False}, "b": {}}


@given(st.dictionaries(st.text(), st.one_of(st.floats(), st.integers(), st.text(), st.none(), st.binary())))
def test_whatever_a_service_says_json_holds_it(metrics: dict[str, Any]) -> None:
    monitor = Monitor(1, 1, LOGGER)
    monitor.record(KEY, 0, metrics, {"a": metrics})
    json.dumps([monitor.samples(KEY), monitor.metadata(KEY)], allow_nan=False)


@pytest.mark.parametrize(
    ("interval", "retention", "kind"),
    [
        (0, None, ValueError),
        (-1, 1, ValueError),
        ("1", None, TypeError),
        (1, 0, ValueError),
        (True, None, TypeError),
    ],
)
def test_seconds_that_are_none_are_refused(interval: Any, retention: Any, kind: type[Exception]) -> None:
    with pytest.raises(kind, match=r"monitoring_(interval|retention)_s is"):
        Monitor(interval, retention, LOGGER)


def test_the_overview() -> None:
    registry = registry_with(
        service("shared"),
        service("own", is_shared_service=False),
        app("front", "shared"),
        service("idle", "v"),
    )
    table, monitor = InstanceTable(), Monitor(1, 5, LOGGER)
    shared = table.begin(InstanceKey("w", "shared", "x"), registry.services[0])
    table.started(shared, 10)
    table.visit(shared)
    table.open(shared, "session", "front", 12)
    for session in ("s1", "s2"):
        table.started(table.begin(InstanceKey("w", "own", "y", session), registry.services[1]), 11)
    table.begin(InstanceKey("v", "idle", "z"), registry.services[2])  # it does not run yet
    monitor.record(shared.key, 1000, {"cpu": 1}, {"cpu": {"min": 0}})
    monitor.record(InstanceKey("w", "own", "gone", "s0"), 1000, {"cpu": 2}, {})
    monitor.end_round(1001, [shared.key])
    assert overview(registry, table, monitor, 15) == {
        "w": {
            "shared": {
                "instances": {
                    "x": [
                        {
                            "uptime": 5,
                            "sessions": {"session": {"app_name": "front", "uptime": 3}},
                            "metrics": [[1000, {"cpu": 1}]],
                            "metrics_metadata": {"cpu": {"min": 0}},
                        }
                    ]
                },
                "apps": [{"app_name": "front"}],
            },
            "own": {
                "instances": {
                    "y": [{"uptime": 4, "sessions": {}}, {"uptime": 4, "sessions": {}}],
                    "gone": [
                        {
                            "uptime": 0,
                            "sessions": {},
                            "stopped": True,
                            "metrics": [[1001, None], [1000, {"cpu": 2}]],
                            "metrics_metadata": {},
                        }
                    ],
                },
                "apps": [],
            },
        },
        "v": {"idle": {"instances": {}, "apps": []}},
    }
    assert status(shared, 15) == {"uptime": 5, "session_count": 1}
