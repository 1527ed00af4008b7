"""The expressions of templates, as far as Python gives the same result as JavaScript; the rest is refused.

Known are literals, names, members, ``.length``, ``.toFixed()``, ``.includes()``, the usual operators, assignments to
names and members, the methods that change a list (``.push()``, ``.splice()``), and calls of what a template offers:
``trigger``, ``set``, ``setAll``, ``get`` and ``flushState``. Where JavaScript would convert a value (``1 + null``), an
expression is refused, too.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias, TypeVar

from jupyter_trame.browserless import operators, parts
from jupyter_trame.browserless.operators import UNDEFINED

__all__ = ["Frame", "NeedsBrowserError", "Program", "compile_expression"]

T = TypeVar("T")


class NeedsBrowserError(Exception):
    """An expression needs a JavaScript engine."""

    def __init__(self, expression: str, reason: str) -> None:
        super().__init__(expression, reason)
        self.expression = expression
        self.reason = reason

    def __str__(self) -> str:
        return (
            f"`{self.expression}` needs a JavaScript engine ({self.reason}): test it in a browser, "
            "or do what it does with client.set(...) and client.trigger(...)"
        )


class Frame(Protocol):
    """What an expression is about."""

    def read(self, name: str) -> Any:
        """The value of a name, or UNDEFINED. Raises `operators.UnsupportedError`."""

    def assign(self, name: str, value: Any) -> None:
        """Give a name a value. Raises `operators.UnsupportedError`."""

    def member(self, target: Any, key: Any, *, optional: bool) -> Any:
        """As `operators.member`."""

    def change(self, target: Any, action: Callable[..., Any], *arguments: Any) -> Any:
        """The result of ``action(target, *arguments)``, which changes a list or dict of the state.

        Raises `operators.UnsupportedError`.
        """

    def call(self, function: str, arguments: list[Any]) -> Any:
        """The result of a function of the template. Raises `operators.UnsupportedError`."""


Program: TypeAlias = Callable[[Frame], Any]
"""Evaluates an expression; of several statements the last one's value. Raises `NeedsBrowserError`."""

_TOKEN = re.compile(
    r"""\s*(?:
        (?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?(?![\w$]))
      | (?P<string>'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*")
      | (?P<name>[A-Za-z_$][\w$]*)
      | (?P<op>===|!==|\*\*|\.\.\.|=>|==|!=|<=|>=|&&|\|\||\?\?|\?\.|\+\+|--|\+=|-=|\*=|/=|[-.,;:?()\[\]{}+*/%<>!=])
    )""",
    re.VERBOSE,
)
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v", "0": "\0"}
_LEVELS = (
    ("??", "||"),
    ("&&",),
    ("===", "!==", "==", "!="),
    ("<", "<=", ">", ">="),
    ("+", "-"),
    ("*", "/", "%"),
)
"""Binary operators, the weakest first."""
_ASSIGNMENTS = frozenset({"=", "+=", "-=", "*=", "/="})
_CONSTANTS = {"true": True, "false": False, "null": None, "undefined": UNDEFINED}
_RESERVED = re.compile(
    "await|class|const|delete|do|else|for|function|if|in|instanceof|let|new|return|this|throw|try|typeof|var|void|"
    "while|yield"
)

_Node: TypeAlias = Callable[[Frame], Any]


def compile_expression(text: str) -> Program:
    """`text`, ready to be evaluated any number of times. Raises `NeedsBrowserError`."""
    try:
        program = _Compiler(_tokens(text)).program()
    except operators.UnsupportedError as error:
        raise NeedsBrowserError(text, str(error)) from None

    def run(frame: Frame) -> Any:
        try:
            return program(frame)
        except operators.UnsupportedError as error:
            raise NeedsBrowserError(text, str(error)) from None

    return run


def _tokens(text: str) -> list[tuple[str, str]]:
    tokens, position = list[tuple[str, str]](), 0
    text = text.rstrip()
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            raise operators.UnsupportedError(f"{text[position:].lstrip()[:10]!r} is not understood here")
        assert match.lastgroup is not None
        tokens.append((match.lastgroup, match[match.lastgroup]))
        position = match.end()
    return [*tokens, ("end", "")]


class _Compiler:
    """Recursive descent; each method takes its tokens and gives the function that evaluates them."""

    def __init__(self, tokens: list[tuple[str, str]]) -> None:
        self._tokens = tokens
        self._at = 0

    def program(self) -> _Node:
        statements = list[_Node]()
        while self._tokens[self._at][0] != "end":
            if not self._take(";"):
                statements.append(self._expression())
                if self._tokens[self._at][0] != "end":
                    self._want(";")
        return lambda frame: [UNDEFINED, *(statement(frame) for statement in statements)][-1]

    # -- tokens

    def _peek(self, ahead: int = 0) -> str:
        """The operator that comes; empty where something else does."""
        kind, text = self._tokens[min(self._at + ahead, len(self._tokens) - 1)]
        return text if kind == "op" else ""

    def _take(self, *operators: str) -> str:
        found = self._peek()
        if found not in operators:
            return ""
        self._at += 1
        return found

    def _want(self, operator: str) -> None:
        if not self._take(operator):
            raise operators.UnsupportedError(
                f"{self._tokens[self._at][1] or 'the end'!r} is not understood here"
            )

    def _next(self) -> tuple[str, str]:
        token = self._tokens[self._at]
        self._at += token[0] != "end"
        return token

    # -- grammar

    def _expression(self) -> _Node:
        node = self._conditional()
        if operator := self._take(*_ASSIGNMENTS):
            return _assignment(_place(node), operator[:-1], self._expression())
        return node

    def _conditional(self) -> _Node:
        test = self._binary(0)
        if not self._take("?"):
            return test
        yes = self._expression()
        self._want(":")
        no = self._expression()
        return lambda frame: yes(frame) if operators.truthy(test(frame)) else no(frame)

    def _binary(self, level: int) -> _Node:
        if level == len(_LEVELS):
            return self._unary()
        left = self._binary(level + 1)
        while operator := self._take(*_LEVELS[level]):
            left = _binary(operator, left, self._binary(level + 1))
        return left

    def _unary(self) -> _Node:
        operator = self._take("!", "-", "+", "++", "--")
        if not operator:
            node = self._postfix()
            step = self._take("++", "--")
            return _step(node, step, after=True) if step else node
        operand = self._unary()
        if len(operator) == 2:
            return _step(operand, operator, after=False)
        if operator == "!":
            return lambda frame: not operators.truthy(operand(frame))
        sign = -1 if operator == "-" else 1
        return lambda frame: operators.arithmetic("*", sign, operand(frame))

    def _postfix(self) -> _Node:
        kind, text = self._tokens[self._at]
        path = text if kind == "name" else ""
        node = self._primary()
        while operator := self._take(".", "?.", "[", "("):
            if operator == "(":
                node, path = _call(path, self._items(")", self._expression)), ""
            elif operator == "[":
                node, path = _Member(node, self._expression(), optional=False), ""
                self._want("]")
            elif self._tokens[self._at][1] in {*operators.METHODS, *parts.MUTATIONS} and self._peek(1) == "(":
                node, path = self._method(node, optional=operator == "?."), ""
            else:
                name = self._name()
                node = _Member(node, _constant(name), optional=operator == "?.")
                path = f"{path}.{name}" if path else ""
        return node

    def _method(self, target: _Node, *, optional: bool) -> _Node:
        name = self._name()
        self._want("(")
        arguments = self._items(")", self._expression)

        def call(frame: Frame) -> Any:
            value = target(frame)
            if optional and (value is None or value is UNDEFINED):
                return UNDEFINED
            given = [argument(frame) for argument in arguments]
            if name in operators.METHODS:
                return operators.METHODS[name](value, *given)
            return frame.change(value, parts.MUTATIONS[name], *given)

        return call

    def _name(self) -> str:
        kind, text = self._next()
        if kind != "name":
            raise operators.UnsupportedError(f"{text!r} is not understood here")
        return text

    def _primary(self) -> _Node:
        kind, text = self._next()
        if kind == "number":
            return _constant(operators.number(float(text)))
        if kind == "string":
            return _constant(re.sub(r"\\(u[0-9a-fA-F]{4}|.)", _unescape, text[1:-1]))
        if kind == "name" and text in _CONSTANTS:
            return _constant(_CONSTANTS[text])
        if kind == "name" and not _RESERVED.fullmatch(text):
            return _Name(text)
        if text == "(":
            node = self._expression()
            self._want(")")
            return node
        if text == "[":
            items = self._items("]", self._expression)
            return lambda frame: [item(frame) for item in items]
        if text == "{":
            members = self._items("}", self._entry)
            return lambda frame: {key: value(frame) for key, value in members}
        raise operators.UnsupportedError(f"{text or 'the end'!r} is not understood here")

    def _entry(self) -> tuple[str, _Node]:
        kind, text = self._next()
        if kind == "name" and self._peek() in {",", "}"}:
            return text, lambda frame: frame.read(text)
        if kind not in {"name", "string"}:
            raise operators.UnsupportedError(f"{text!r} is not understood here")
        self._want(":")
        return (text if kind == "name" else text[1:-1]), self._expression()

    def _items(self, end: str, item: Callable[[], T]) -> list[T]:
        found = list[T]()
        while not self._take(end):
            found.append(item())
            if self._peek() != end:
                self._want(",")
        return found


def _constant(value: Any) -> _Node:
    return lambda _: value


def _unescape(match: re.Match[str]) -> str:
    code = match[1]
    return chr(int(code[1:], 16)) if len(code) > 1 else _ESCAPES.get(code, code)


@dataclass(frozen=True, slots=True)
class _Name:
    """A name, which can be given a value."""

    name: str

    def __call__(self, frame: Frame) -> Any:
        return frame.read(self.name)

    def locate(self, _: Frame) -> tuple[Any, ...]:
        """What is evaluated before the value that it is given."""
        return ()

    def read(self, frame: Frame) -> Any:
        return frame.read(self.name)

    def write(self, frame: Frame, value: Any) -> None:
        frame.assign(self.name, value)


@dataclass(frozen=True, slots=True)
class _Member:
    """A member of a value, which can be given a value."""

    target: _Node
    key: _Node
    optional: bool

    def __call__(self, frame: Frame) -> Any:
        return self.read(frame, *self.locate(frame))

    def locate(self, frame: Frame) -> tuple[Any, ...]:
        """What is evaluated before the value that it is given."""
        return self.target(frame), self.key(frame)

    def read(self, frame: Frame, target: Any, key: Any) -> Any:
        return frame.member(target, key, optional=self.optional)

    def write(self, frame: Frame, value: Any, target: Any, key: Any) -> None:
        frame.change(target, parts.put, key, value)


def _place(node: _Node) -> _Name | _Member:
    if isinstance(node, _Name) or (isinstance(node, _Member) and not node.optional):
        return node
    raise operators.UnsupportedError("it sets something that is neither a name nor a member")


def _assignment(place: _Name | _Member, operator: str, value: _Node, *, after: bool = False) -> _Node:
    """``place <operator>= value``; `after` gives what was there before, as ``n++`` does."""

    def assign(frame: Frame) -> Any:
        located = place.locate(frame)
        before = place.read(frame, *located) if operator else UNDEFINED
        result = value(frame)
        if operator:
            result = operators.arithmetic(operator, before, result)
        place.write(frame, result, *located)
        return before if after else result

    return assign


def _step(node: _Node, operator: str, *, after: bool) -> _Node:
    """``++`` or ``--``: of a text neither makes a longer one."""
    return _assignment(_place(node), "-", _constant(-1 if operator == "++" else 1), after=after)


def _binary(operator: str, left: _Node, right: _Node) -> _Node:
    match operator:
        case "&&":
            return lambda frame: right(frame) if operators.truthy(first := left(frame)) else first
        case "||":
            return lambda frame: first if operators.truthy(first := left(frame)) else right(frame)
        case "??":
            return lambda frame: (
                right(frame) if (first := left(frame)) is None or first is UNDEFINED else first
            )
        case "===" | "!==" | "==" | "!=":
            return lambda frame: operators.equal(operator, left(frame), right(frame))
        case "<" | "<=" | ">" | ">=":
            return lambda frame: operators.compare(operator, left(frame), right(frame))
    return lambda frame: operators.arithmetic(operator, left(frame), right(frame))


def _call(path: str, arguments: list[_Node]) -> _Node:
    if not path:
        raise operators.UnsupportedError("it calls a function")
    return lambda frame: frame.call(path, [argument(frame) for argument in arguments])
