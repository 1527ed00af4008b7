"""Sizes as people say them."""

import pytest

from jupyter_trame.doctor.sizes import counted, in_words


@pytest.mark.parametrize(
    ("size", "words"),
    [
        (0, "0 bytes"),
        (512, "512 bytes"),
        (1536, "1.5 KiB"),
        (4 << 20, "4 MiB"),
        (1 << 30, "1 GiB"),
        (1 << 50, "1020 TiB"),
    ],
)
def test_a_size(size: int, words: str) -> None:
    assert in_words(size) == words


def test_a_number_of_things() -> None:
    assert [counted(n, "page") for n in range(3)] == ["0 pages", "1 page", "2 pages"]
