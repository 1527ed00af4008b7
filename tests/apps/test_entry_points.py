import sys
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from jupyter_trame.apps.entry_points import RegisteredApp, read_app, read_apps
from jupyter_trame.names import APP_GROUP
from tests.support.distributions import install

EXPLORE = '''
    """A module."""
    raise ImportError("the server's environment lacks what the app needs")

    def explore(server):
        """Explore a table
        of data.

        Longer text.
        """

    explore.title = "Explore data"
    explore.icon = "<svg/>"
    explore.speed = 7
'''


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.syspath_prepend(tmp_path)
    return tmp_path


def app(name: str) -> RegisteredApp:
    return next(app for app in read_apps() if app.name == name)


def entry(value: str, name: str = "my_first-app") -> EntryPoint:
    return EntryPoint(name, value, APP_GROUP)


def test_reads_the_function_without_importing_it(site: Path) -> None:
    install(site, "x", {"explore": "x_pkg.deep.mod:explore"}, x_pkg__deep__mod=EXPLORE)
    assert app("explore") == RegisteredApp(
        "explore", "Explore data", "<svg/>", "Explore a table of data.", requirement="x"
    )
    assert not {"x_pkg", "x_pkg.deep", "x_pkg.deep.mod"} & set(sys.modules)


def test_name_makes_a_title(site: Path) -> None:
    (site / "plain.py").write_text("def app(server): pass\n")
    assert read_app(entry("plain:app")) == RegisteredApp("my_first-app", "My first app", "", "")


def test_description_attribute_wins(site: Path) -> None:
    (site / "plain.py").write_text('def app(server):\n    "doc"\napp.description = "said"\n')
    assert read_app(entry("plain:app")).description == "said"


@pytest.mark.parametrize(
    "source",
    [
        "from elsewhere import app",
        "import elsewhere as app",
        "app = make()",
        "async def app(server): ...",
        "class app: ...",
    ],
)
def test_every_way_to_define_a_name_is_fine(site: Path, source: str) -> None:
    (site / "plain.py").write_text(source)
    assert read_app(entry("plain:app")).error is None


def test_extras_are_no_part_of_the_name(site: Path) -> None:
    (site / "plain.py").write_text("def app(server): 'x'")
    assert read_app(entry("plain:app [extra]")).description == "x"


@pytest.mark.parametrize(
    ("value", "error"),
    [
        ("no_such_module:app", "there is no module no_such_module"),
        ("plain.deeper:app", "plain is no package"),
        ("pack.missing:app", "there is no module pack.missing"),
        ("plain:other", "plain defines no other"),
        ("broken:app", "never closed"),
        ("sys:app", "sys has no Python source"),
    ],
)
def test_broken_registration_says_why(
    site: Path, value: str, error: str, caplog: pytest.LogCaptureFixture
) -> None:
    (site / "plain.py").write_text("def app(server): ...")
    (site / "broken.py").write_text("def app(server:")
    (site / "pack").mkdir()
    (site / "pack" / "__init__.py").write_text("")
    found = read_app(entry(value))
    assert error in str(found.error)
    assert error in caplog.text
    assert found.title == "My first app"


def test_broken_registration_does_not_hide_the_others(site: Path) -> None:
    install(site, "a", {"bad": "a_missing:app"})
    install(site, "b", {"good": "b_mod:app"}, b_mod="def app(server): 'fine'")
    assert app("good").error is None
    assert app("bad").error is not None
    titles = [app.title.casefold() for app in read_apps()]
    assert titles == sorted(titles)
