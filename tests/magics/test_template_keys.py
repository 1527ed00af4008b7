"""Keys that a template names."""

import pytest

from jupyter_trame.core.template_tree import TemplateError
from jupyter_trame.magics.template_keys import keys_of


@pytest.mark.parametrize(
    ("template", "keys"),
    [
        ('<input v-model="name">', ["name"]),
        ("plain text", []),
        ("{{ a }}\n<p>{{ b }}</p>{{ a }}", ["a", "b"]),
        (
            '<p title="{{ no }}" :title="yes" id="no" @click="go = 1" v-bind="all"></p>',
            ["yes", "go", "all"],
        ),
        (
            '<li v-for="(item, i) in items" :key="i">{{ item.t + n }}</li>{{ item }}',
            ["items", "n", "item"],
        ),
        ('<li v-for="{ a, b: c } of items">{{ a + c + b }}</li>', ["items", "b"]),
        ('<x><template #head="{ col }">{{ col + other }}</template></x>', ["other"]),
        ('<x v-slot="{ col }">{{ col }}</x>', []),
        ('<p :[attribute]="value"></p>', ["attribute", "value"]),
        ("<p v-pre>{{ no }}<b :a='no'></b></p>", []),
        ("{{ trame__title }}", []),
        ("<!-- {{ no }} --><style>a { b: c }</style>", []),
    ],
)
def test_keys(template: str, keys: list[str]) -> None:
    assert keys_of(template) == keys


def test_a_tag_that_is_not_closed_is_told() -> None:
    with pytest.raises(TemplateError, match=r'template "side": </p> closes <b> \(line 2\)'):
        keys_of("<p>\n<b></p>", "side")
