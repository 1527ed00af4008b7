"""The golden files are what the code makes, and the code reads them."""

import json
from typing import Any

import pytest

from jupyter_trame.doctor.report_reading import read_report
from jupyter_trame.protocol.chunking import Assembler
from jupyter_trame.protocol.link_decoder import LinkDecoder
from jupyter_trame.protocol.link_encoder import encode_op
from jupyter_trame.protocol.packing import pack, unpack
from jupyter_trame.transports.comm_bytes import carried, carry
from tests.vectors.generate import FILES, FOLDER, render
from tests.vectors.tagged import from_json, to_json


def cases(name: str) -> list[Any]:
    found = json.loads((FOLDER / name).read_text("utf-8"))
    return [pytest.param(case, id=case["name"]) for case in found]


@pytest.mark.parametrize("name", FILES)
def test_a_file_is_what_the_code_makes(name: str) -> None:
    expected = render(FILES[name]())
    assert (FOLDER / name).read_text("utf-8") == expected, "run python -m tests.vectors.generate"


def test_every_file_is_generated() -> None:
    assert {path.name for path in FOLDER.glob("*.json")} == set(FILES)


@pytest.mark.parametrize("case", cases("chunks.json"))
def test_chunks(case: dict[str, Any]) -> None:
    frames = [bytes.fromhex(frame) for frame in case["frames"]]
    receiver = Assembler(1 << 20, 4)
    payloads = [bytes(payload) for frame in frames if (payload := receiver.feed(frame)) is not None]
    assert payloads == [bytes.fromhex(case["payload"])] * bool(frames)
    assert all(len(frame) <= case["limit"] for frame in frames)


def test_streams_cover_both_ends() -> None:
    found = json.loads((FOLDER / "streams.json").read_text("utf-8"))
    assert [case["closes"] for case in found] == [None] * 3 + [1002] * 9 + [None, 1002]
    assert [len(case["whole"]) for case in found[:3]] == [1, 1, 1]


@pytest.mark.parametrize("case", [*cases("values.json"), *cases("envelopes.json")])
def test_values(case: dict[str, Any]) -> None:
    packed, value = bytes.fromhex(case["packed"]), from_json(case["value"])
    assert to_json(unpack(packed)) == case["value"]
    assert to_json(value) == case["value"]
    assert pack(value) == packed


@pytest.mark.parametrize("case", cases("comm.json"))
def test_comm(case: dict[str, Any]) -> None:
    frames = [bytes.fromhex(frame) for frame in case["frames"]]
    buffers = [bytes.fromhex(buffer) for buffer in case["buffers"]]
    assert carried(case["content"], buffers) == frames
    content, carrying = carry(frames, as_text="text" in case["content"])
    assert (content, list(carrying)) == (case["content"], buffers)


@pytest.mark.parametrize("case", cases("report.json"))
def test_report(case: dict[str, Any]) -> None:
    found = read_report(case["report"])
    assert json.loads(json.dumps([list(section) for section in found.sections])) == case["sections"]


@pytest.mark.parametrize("case", cases("link.json"))
def test_link(case: dict[str, Any]) -> None:
    frame = bytes.fromhex(case["frame"])
    (op,) = LinkDecoder(1 << 20).feed(frame)
    assert type(op).__name__ == case["name"].split(": ")[1]
    assert b"".join(encode_op(op)) == frame
