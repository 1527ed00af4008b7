"""What acts on the pages of other viewers is the server's alone."""

import pytest

from jupyter_trame.protocol.access import is_client_writable, is_secret


@pytest.mark.parametrize(
    "key",
    [
        "trame__template_main",
        "trame__template_",
        "trame__scripts",
        "trame__module_scripts",
        "trame__styles",
        "trame__vue_use",
        "trame__react_use",
        "trame__client_only",
        "trame__client_external_scripts",
        "trame__routes",
        "trame__mousetrap",
        "trame__inline_script_0",
        "trame__inline_style_12",
        "trame__client_type",
        "trame__title",
        "trame__favicon",
        "trame__pace",
        "trame__disable_mutation",
        "trame__busy",
        "trame__message",
        "trame__vuetify3_config",
        "trame__plotly_1",
        "trame__",
        "trame_error_report_msg",
    ],
)
def test_a_client_may_not_write_what_acts_on_other_pages(key: str) -> None:
    assert not is_client_writable(key)


@pytest.mark.parametrize(
    "key",
    ["count", "", "trame", "trame_title", "my_trame__scripts", "Trame__scripts"],
)
def test_a_client_may_write_everything_else(key: str) -> None:
    assert is_client_writable(key)


@pytest.mark.parametrize("key", ["name", "throttle", "debounce"])
def test_what_templates_call_is_writable_once_the_app_has_a_key_of_the_name(key: str) -> None:
    assert not is_client_writable(key)
    assert not is_client_writable(key, {"other": 1})
    assert is_client_writable(key, {key: None})


def test_what_the_app_has_of_the_servers_own_stays_its_own() -> None:
    assert not is_client_writable("trame__title", {"trame__title": "x"})


@pytest.mark.parametrize(
    ("given", "expected", "known"),
    [
        ("s", "s", True),
        ("é", "é", True),
        ("s", "t", False),
        (None, None, False),
        ("", None, False),
        (12, "12", True),
        (12, "13", False),
        (True, "True", False),
        (1.0, "1.0", False),
    ],
)
def test_the_secret(given: object, expected: object, known: bool) -> None:
    assert is_secret(given, expected) is known
