"""What Python sends, and what a client may write, is read by the decoder of the pages, under node."""

import contextlib
import datetime as dt
import json
import math
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgpack
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from jupyter_trame.errors import SerializationError
from jupyter_trame.protocol.arrays import pack_array
from jupyter_trame.protocol.packing import pack, unpack
from jupyter_trame.protocol.readable import check_readable
from tests.protocol.support import arrays

Read = Callable[[bytes], dict[str, Any]]
"""Has node read a document."""

ROOT = Path(__file__).parents[2]
BUNDLER = ROOT / "js" / "node_modules" / ".bin" / "rolldown"


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Read]:
    node = shutil.which("node")
    if node is None or not BUNDLER.exists():
        pytest.skip("needs node and the packages of js/")
    script = tmp_path_factory.mktemp("javascript") / "reader.mjs"
    source = Path(__file__).with_name("javascript.ts")
    subprocess.run(
        [BUNDLER, source, "--format", "esm", "--platform", "node", "-o", script],
        cwd=ROOT / "js",
        check=True,
        capture_output=True,
    )
    with subprocess.Popen([node, script], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        stdin, stdout = process.stdin, process.stdout
        assert stdin is not None
        assert stdout is not None

        def ask(document: bytes) -> dict[str, Any]:
            stdin.write(document.hex().encode() + b"\n")
            stdin.flush()
            answer: dict[str, Any] = json.loads(stdout.readline())
            return answer

        yield ask
        stdin.close()


numbers = (
    st.integers(-(2**65), 2**65)
    | st.floats()
    | st.sampled_from([2**53, -(2**53), 2**63, 2**64 - 1, -(2**63)])
)
texts = st.text(max_size=20) | st.sampled_from(["__proto__", "constructor", "\ufeff", "\U0001f600"])
moments = st.builds(
    msgpack.Timestamp, st.integers(-(2**33), 2**35), st.integers(0, 999).map(lambda ms: ms * 1_000_000)
)
leaves = (
    st.none()
    | st.booleans()
    | numbers
    | texts
    | st.binary(max_size=20)
    | moments
    | arrays
    | st.builds(msgpack.ExtType, st.integers(0, 127), st.binary(max_size=10))
)
keys = texts | st.integers(-5, 5) | numbers | st.none() | st.booleans() | st.binary(max_size=3)
odd_keys = (
    keys | st.tuples(keys) | st.frozensets(st.integers(0, 3), max_size=2) | st.just(dt.date(2024, 1, 1))
)


def nested(inner_keys: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.recursive(
        leaves,
        lambda inner: (
            st.lists(inner, max_size=4)
            | st.tuples(inner)
            | st.dictionaries(texts, inner, max_size=4)
            | st.dictionaries(inner_keys, inner, max_size=3)
        ),
        max_leaves=12,
    )


def as_in_a_page(value: Any) -> Any:
    """`value` as it is after a page: keys are text, whole floats are integers."""
    if isinstance(value, dict):
        return {_name(key): as_in_a_page(member) for key, member in value.items()}
    if isinstance(value, list):
        return [as_in_a_page(item) for item in value]
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return int(value)
    return "nan" if isinstance(value, float) and math.isnan(value) else value


def _name(key: Any) -> Any:
    return "a number" if isinstance(key, int | float) else key


fuzz = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


@fuzz
@given(value=nested(odd_keys))
@example(value={"": None, "0": None})
def test_what_python_packs_every_page_reads(read: Read, value: Any) -> None:
    try:
        packed = pack(value, "key")
    except SerializationError:
        return
    answer = read(packed)
    assert answer.get("losses") == [], answer
    sent, back = (
        as_in_a_page(unpack(packed, any_keys=True)),
        as_in_a_page(unpack(bytes.fromhex(answer["packed"]))),
    )
    if not _has_reordered_keys(value):
        assert repr(back) == repr(sent)


def _has_reordered_keys(value: Any) -> bool:
    """Numbers become text, and in JavaScript those that look like indexes come first."""
    if isinstance(value, dict):
        moved = (not isinstance(key, str) or key.isdigit() for key in value)
        return any(moved) or any(map(_has_reordered_keys, value.values()))
    return isinstance(value, list | tuple) and any(map(_has_reordered_keys, value))


def raw(value: Any) -> Any:
    """`value` for msgpack's own packer, which packs whatever there is."""
    if hasattr(value, "dtype"):
        return msgpack.ExtType(78, pack_array(value))
    if isinstance(value, dict):
        return {key: raw(member) for key, member in value.items()}
    return (
        [raw(item) for item in value]
        if isinstance(value, list | tuple) and type(value) is not msgpack.ExtType
        else value
    )


@fuzz
@given(
    value=nested(keys | st.tuples(st.integers(0, 3))),
    damage=st.lists(st.tuples(st.integers(0, 200), st.integers(0, 255)), max_size=2),
)
def test_what_a_client_may_write_every_page_reads(
    read: Read, value: Any, damage: list[tuple[int, int]]
) -> None:
    with contextlib.suppress(OverflowError):
        document = bytearray(msgpack.packb([raw(value)]))
        for place, byte in damage:
            if 0 < place < len(document):
                document[place] = byte
        try:
            check_readable(bytes(document))
        except ValueError:
            return
        assert read(bytes(document)).get("losses") == []
