"""What the launcher and the menus say where a package is not complete, and to users who may run nothing."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import MakeLab
from tests.e2e.servers import JupyterServer, jupyter_server
from tests.e2e.test_lab_files import FILE, answer, card, menu_entry, put

GAPS = {
    "gaps.py": 'import package_that_is_not_there\n\ndef app(server):\n    """Needs more than is there."""\n',
    "gaps-1.0.dist-info/METADATA": (
        "Metadata-Version: 2.1\nName: gaps\nVersion: 1.0\nRequires-Dist: package-that-is-not-there\n"
    ),
    "gaps-1.0.dist-info/entry_points.txt": "[jupyter_trame.apps]\ngaps = gaps:app\n",
}


@pytest.fixture(scope="module")
def gaps_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JupyterServer]:
    with jupyter_server(tmp_path_factory.mktemp("gaps"), packages=GAPS) as server:
        yield server


@pytest.fixture(scope="module")
def onlookers_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JupyterServer]:
    home, authorizer = tmp_path_factory.mktemp("onlookers"), "tests.e2e.onlookers.Onlookers"
    with jupyter_server(home, authorizer=authorizer) as server:
        yield server


def test_a_card_names_the_command_that_completes_its_package(
    make_lab: MakeLab, gaps_server: JupyterServer, picture: Callable[[str], Path]
) -> None:
    lab = make_lab(gaps_server)
    lab.start()
    gaps = card(lab, "gaps")
    expect(gaps).to_have_attribute("title", re.compile("Its package is incomplete: pip install 'gaps'"))
    gaps.click()
    dialog = lab.page.locator(".jp-Dialog")
    expect(dialog).to_contain_text("pip install 'gaps'")
    lab.screenshot(picture("incomplete"))
    lab.watch.expected.append("/starts/")
    answer(lab, "Start Anyway")
    alert = lab.page.get_by_role("region", name="trame app gaps").get_by_role("alert")
    expect(alert).to_contain_text("package_that_is_not_there")
    lab.screenshot(picture("failed"))


@pytest.mark.long
def test_who_may_run_nothing_is_offered_nothing_to_run(
    make_lab: MakeLab, onlookers_server: JupyterServer, picture: Callable[[str], Path]
) -> None:
    lab = make_lab(onlookers_server)
    lab.watch.expected += ["403", "Forbidden", "kernels", "sessions", "terminals"]
    lab.start()
    put(lab, "sales.trame.py", FILE)
    expect(lab.page.locator(".jp-DirListing-item", has_text="sales.trame.py")).to_be_visible()
    lab.screenshot(picture("launcher"))
    expect(menu_entry(lab, "sales.trame.py")).to_be_hidden()
    lab.page.keyboard.press("Escape")
    card(lab, "sales").click()
    alert = lab.page.get_by_role("region", name="trame app sales").get_by_role("alert")
    expect(alert).to_contain_text("may not")
    lab.screenshot(picture("refused"))
