"""What opens the files of a server."""

import pytest

from jupyter_trame.web.cookie import cookie_name, holds_cookie, make_cookie, shows_secret

SECRET = "a secret"
COOKIE = make_cookie(SECRET, 80, secure=False).partition(";")[0]


def test_the_cookie_is_the_browser_s_alone_and_holds_no_secret() -> None:
    name_and_value, *flags = make_cookie(SECRET, 80, secure=False).split("; ")
    assert flags == ["HttpOnly", "SameSite=Strict"]
    assert name_and_value.startswith(f"{cookie_name(80)}=")
    assert SECRET not in name_and_value
    assert make_cookie(SECRET, 80, secure=True).endswith("; Secure")
    framed = make_cookie(SECRET, 80, framed=True).split("; ")
    assert framed == [name_and_value, "HttpOnly", "SameSite=None", "Secure", "Partitioned"]


@pytest.mark.parametrize("header", [COOKIE, f"a=b; {COOKIE}", f"{cookie_name(80)}=old; {COOKIE};c=d"])
def test_the_right_cookie_opens(header: str) -> None:
    assert holds_cookie(header, SECRET, 80)


@pytest.mark.parametrize(
    "header",
    [
        "",
        ";;=",
        COOKIE[:-1],
        COOKIE + "0",
        COOKIE.replace("_80", "_81"),
        f"{cookie_name(80)}={SECRET}",
        f"{cookie_name(80)}=",
        f"{cookie_name(80)}=\udc80",
        "x" * 10_000,
    ],
)
def test_no_other_does(header: str) -> None:
    assert not holds_cookie(header, SECRET, 80)


def test_a_cookie_is_of_one_secret_and_one_port() -> None:
    assert not holds_cookie(COOKIE, "another", 80)
    assert not holds_cookie(make_cookie(SECRET, 81, secure=False), SECRET, 80)
    assert not holds_cookie(COOKIE.replace("_80", "_81"), SECRET, 81)


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("secret=a%20secret", True),
        ("secret=a+secret&ui=x", True),
        ("secret=wrong&secret=a+secret", True),
        ("", False),
        ("secret=", False),
        ("secret", False),
        ("Secret=a+secret", False),
        ("secret=a%20secre", False),
        ("secret=%ff%fe", False),
        ("&".join(["x=1"] * 200) + "&secret=a+secret", False),
    ],
)
def test_the_address_shows_the_secret(query: str, shown: bool) -> None:
    assert shows_secret(query, SECRET) is shown
