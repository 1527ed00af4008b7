"""Forms: what is saved, and what keeps it from being saved."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from jupyter_trame import Server, ui

Template = Callable[[Server], str]


def trigger(app: Server, template: str, event: str) -> Any:
    """The function that the first handler of `event` calls."""
    name = template.partition(f"@{event}=\"trigger('")[2].partition("'")[0]
    return app.controller.trigger_fn(name)


def wanted(value: str) -> str | None:
    return None if value else "It is required."


def test_save_gets_the_keys_that_it_names(template: Template) -> None:
    saved: list[object] = []
    with ui.app("form") as app, ui.form(lambda name, age=0: saved.append((name, age)), label="Person"):
        ui.text_input("name", value="Ada")
        ui.number("age", value=36)
    assert '<JtButton kind="primary" type="submit">' in "".join(template(app).split("\n"))
    trigger(app, template(app), "save")()
    assert saved == [("Ada", 36)]


def test_messages_call_its_functions_by_words_of_the_app(template: Template) -> None:
    def save(name: str) -> None: ...

    with ui.app("form") as app, ui.form(save):
        ui.text_input("name")
    for event in ("save", "check"):
        assert trigger(app, template(app), event).__qualname__ == "form save"
    with ui.app("form") as app:
        ui.text_input("name", check=wanted)
    assert trigger(app, template(app), "change").__qualname__ == "check of 'name'"


def test_a_check_keeps_a_form_from_being_saved(template: Template) -> None:
    saved: list[str] = []
    with ui.app("form") as app, ui.form(lambda name: saved.append(name)):
        ui.text_input("name", check=wanted)
    assert """:problem="trame__problems['name']\"""" in template(app)
    save = trigger(app, template(app), "save")
    save()
    assert (saved, app.state.trame__problems) == ([], {"name": "It is required."})
    app.state.name = "Ada"
    save()
    assert (saved, app.state.trame__problems) == (["Ada"], {"name": ""})


def test_the_checks_can_be_asked_alone(template: Template) -> None:
    saved: list[str] = []
    with ui.app("form") as app, ui.form(lambda name: saved.append(name)):
        ui.text_input("name", check=wanted)
    ask = template(app).partition("<JtForm")[2].partition(">")[0]
    trigger(app, ask, "check")()
    assert (saved, app.state.trame__problems) == ([], {"name": "It is required."})
    app.state.name = "Ada"
    trigger(app, ask, "check")()
    assert (saved, app.state.trame__problems) == ([], {"name": ""})


def test_a_check_is_asked_at_each_change_and_before_on_change(template: Template) -> None:
    with ui.app("form") as app:
        ui.text_input("name", check=wanted, on_change="count = 1")
    assert "'); count = 1\"" in template(app)
    trigger(app, template(app), "change")()
    assert app.state.trame__problems == {"name": "It is required."}


def test_what_save_returns_is_awaited(template: Template) -> None:
    async def save() -> str:
        return "saved"

    with ui.app("form") as app, ui.form(save, submit=None):
        ui.button("Go", submit=True)
    assert template(app).count("JtButton") == 2  # its two tags
    assert asyncio.run(trigger(app, template(app), "save")()) == "saved"


def test_keys_of_a_child_server(template: Template) -> None:
    server = Server("form")
    child = server.create_child_server(prefix="left_")
    saved: list[str] = []
    with ui.app(child), ui.form(lambda name: saved.append(name)):
        ui.text_input("name", value="Ada", check=wanted)
    assert "trame__problems['left_name']" in template(server)
    trigger(server, template(server), "save")()
    assert saved == ["Ada"]
    assert server.state.trame__problems == {}


def test_what_cannot_be_called_by_names_is_refused() -> None:
    with (
        ui.app("form"),
        pytest.raises(TypeError, match=r"function that saves a form is given its values by name"),
    ):
        ui.form(lambda name, /: name)


def test_a_part_of_a_value_has_no_check() -> None:
    with ui.app("form"), pytest.raises(ValueError, match=r"'row\.name' is a part of one"):
        ui.text_input("row.name", check=wanted)


def test_a_form_is_given_the_function_that_saves() -> None:
    with ui.app("form"), pytest.raises(TypeError, match=r"^ui\.form is given the function .*, not 'save'$"):
        ui.form("save")  # type: ignore[arg-type]


def test_a_form_is_not_saved_with_what_no_input_takes(template: Template) -> None:
    """Pages do not send it; who speaks to the server without one may."""
    saved: list[object] = []
    with ui.app("form") as app, ui.form(lambda age, city, name: saved.append((age, city, name))):
        ui.number("age", 0, 120)
        ui.select("city", ["Bern", "Rome"])
        ui.text_input("name", value="Ada", check=lambda name: None if name.strip() else "A name is needed.")
    assert """:problem="trame__problems['age']\"""" in template(app)
    save = trigger(app, template(app), "save")
    app.state.update({"age": 5000, "city": "Oslo", "name": 7})
    save()
    assert saved == []
    assert app.state.trame__problems == {
        "age": "Enter 120 or less.",
        "city": "This is not one of the options.",
        "name": "This is not a text.",
    }
    app.state.update({"age": 50, "city": "Rome", "name": " "})
    save()
    assert app.state.trame__problems == {"age": "", "city": "", "name": "A name is needed."}
    app.state.name = "Ada"
    save()
    assert saved == [(50, "Rome", "Ada")]
