"""Elements are found, asked, and say what their handlers do."""

import re
from typing import Any

import pytest

from jupyter_trame.browserless.elements import Element, NoSuchElementError
from jupyter_trame.browserless.expressions import NeedsBrowserError
from jupyter_trame.browserless.rendering import render
from jupyter_trame.browserless.scope import TriggerCall, WrittenKeys
from tests.testing.support import template

PAGE = """
<VApp>
  <VBtn id="first" class="primary big" :ref="(el) => trame.refs['go'] = el" @click="trigger('go')">Run it</VBtn>
  <VBtn :disabled="n > 0" label="Two" v-show="n === 0" @click.stop="n = 2" @keyup.enter="n = 3">Run</VBtn>
  <v-text-field v-model.trim="name" :label="text" ref="field" @update:modelValue="trigger('named', [$event])" />
  <input v-model.number="n" @change="trigger('moved', [$event.target.value])">
  <VSelect v-model:selected="picked" :items="[1, n]" :rules="[(v) => !!v]" />
  <VPager :model-value="page" @update:model-value="page = $event" />
  <VSlider v-model="user.age" disabled />
  <VBtn @click="reset">Reset</VBtn>
</VApp>
"""


@pytest.fixture
def page() -> Element:
    return render(*template(PAGE, n=1, name="", text="Name", page=1, user={"age": 3}), Element)


@pytest.mark.parametrize(
    ("selector", "wanted", "tag"),
    [
        ("#first", {}, "VBtn"),
        ("v-btn.primary.big", {}, "VBtn"),
        ("VBTN", {"text": "Run"}, "VBtn"),
        ("", {"text": re.compile("it$")}, "VBtn"),
        ("", {"ref": "go"}, "VBtn"),
        ("", {"ref": "field"}, "v-text-field"),
        ("", {"label": "Name"}, "v-text-field"),
        ("", {"label": "text"}, "v-text-field"),
        ("", {"v_model": "name"}, "v-text-field"),
        ("", {"v_model": "n"}, "input"),
        ("", {"items": [1, 1]}, "VSelect"),
        ("", {"modelValue": 1}, "VPager"),
    ],
)
def test_find(page: Element, selector: str, wanted: dict[str, Any], tag: str) -> None:
    assert page.find(selector, **wanted).tag == tag


def test_what_is_not_found_is_told(page: Element) -> None:
    with pytest.raises(NoSuchElementError, match=r"no element is v-btn\.red; there are:\n  <VBtn id"):
        page.find("v-btn.red")
    with pytest.raises(NoSuchElementError, match="3 elements are v-btn; there are:"):
        page.find("v-btn")
    with pytest.raises(NoSuchElementError, match="no element is v-x, text='y'; there are:\n  <VApp>"):
        page.find("v-x", text="y")
    with pytest.raises(ValueError, match="a selector is like"):
        page.find("div > p")


def test_find_looks_within(page: Element) -> None:
    assert page.find("v-app").find("input").tag == "input"
    assert page.find("input").find_all() == []


def test_state_of_an_element(page: Element) -> None:
    first, second, third = page.find_all("v-btn")
    assert (first.shown, first.disabled, first.text) == (True, False, "Run it")
    assert (second.shown, second.disabled) == (False, True)
    assert third.ref is None
    assert page.find("v-slider").disabled
    assert page.find("input").value("type") is None
    assert second.handlers == {"click.stop": "n = 2", "keyup.enter": "n = 3"}
    with pytest.raises(NeedsBrowserError):
        page.find("v-select").value("rules")
    assert page.find("v-select").binding("rules") == "[(v) => !!v]"


def test_what_is_within_something_hidden_is_hidden() -> None:
    top = render(
        *template('<div v-show="on"><p>x</p></div><div v-show="f()"><b>x</b></div>', on=False), Element
    )
    assert not top.find("p").shown
    assert top.find("b").shown


def test_events(page: Element) -> None:
    second = page.find_all("v-btn")[1]
    assert page.find(ref="go").steps("click") == [TriggerCall("go", [], {})]
    assert second.steps("click") == [WrittenKeys({"n": 2})]
    assert second.steps("keyup") == second.steps("keyup.enter") == [WrittenKeys({"n": 3})]
    with pytest.raises(
        NoSuchElementError, match=r"has no handler of 'blur'; it has: click\.stop, keyup\.enter"
    ):
        second.steps("blur")
    with pytest.raises(NeedsBrowserError, match="a function of the page"):
        page.find("v-btn", text="Reset").steps("click")


def test_input_of_a_component(page: Element) -> None:
    field = page.find("v-text-field")
    assert field.steps_of_input(" Ada ") == [WrittenKeys({"name": "Ada"}), TriggerCall("named", ["Ada"], {})]


@pytest.mark.parametrize(("typed", "value"), [("4", 4), ("4.5", 4.5), ("x", "x"), (7, 7)])
def test_input_of_an_element_of_html(page: Element, typed: Any, value: Any) -> None:
    assert page.find("input").steps_of_input(typed) == [
        WrittenKeys({"n": value}),
        TriggerCall("moved", [value], {}),
    ]


def test_input_with_another_name(page: Element) -> None:
    assert page.find("v-select").steps_of_input(5, "selected") == [WrittenKeys({"picked": 5})]
    with pytest.raises(NoSuchElementError, match="neither v-model nor a handler of update:modelValue"):
        page.find("v-select").steps_of_input(5)


def test_input_without_a_directive(page: Element) -> None:
    assert page.find("v-pager").steps_of_input(2) == [WrittenKeys({"page": 2})]


def test_input_of_a_part_of_a_value(page: Element) -> None:
    assert page.find("v-slider").steps_of_input(4) == [WrittenKeys({"user": {"age": 4}})]


def test_inputs_in_a_loop() -> None:
    todos = [{"done": False, "tags": ["a"]}, {"done": True, "tags": []}]
    text = (
        '<p v-for="(todo, index) in todos" @click="todo.done = !todo.done; todo.tags.push(index)">'
        '<input v-model="todo.done"><b v-model="todos[index].tags"></b></p>'
    )
    top = render(*template(text, todos=todos), Element)
    first, second = top.find_all("p")
    assert first.steps("click") == [WrittenKeys({"todos": [{"done": True, "tags": ["a", 0]}, todos[1]]})]
    assert second.find("input").steps_of_input(False) == [
        WrittenKeys({"todos": [todos[0], {"done": False, "tags": []}]})
    ]
    assert second.find("b").steps_of_input(["c"]) == [
        WrittenKeys({"todos": [todos[0], {"done": True, "tags": ["c"]}]})
    ]
    assert todos == [{"done": False, "tags": ["a"]}, {"done": True, "tags": []}], "the state is as it was"


@pytest.mark.parametrize("expression", ["pick(x)", "x + 1", "user?.age", "nothing.x"])
def test_an_input_of_something_else_is_refused(expression: str) -> None:
    top = render(*template(f'<input v-model="{expression}">', x=1, nothing=None, user={}), Element)
    with pytest.raises(NeedsBrowserError, match=re.escape(expression)):
        top.find("input").steps_of_input(1)


def test_a_long_text_is_cut_in_messages() -> None:
    top = render(*template(f"<p>{'x' * 99}</p>"), Element)
    assert repr(top.find("p")) == f"<p>{'x' * 40}..."
