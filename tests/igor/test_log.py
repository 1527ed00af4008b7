"""The log of one server."""

import logging
from pathlib import Path

from jupyter_trame.igor.log import make_logger, open_log


def test_loggers_of_one_name_are_two() -> None:
    one, two = make_logger("a", logging.ERROR), make_logger("a", logging.DEBUG)
    assert one is not two
    assert (one.level, two.level) == (logging.ERROR, logging.DEBUG)
    assert one.parent is two.parent is logging.getLogger("jupyter_trame.igor")


def test_the_file_comes_with_its_first_line(tmp_path: Path) -> None:
    path = tmp_path / "igor_error.log"
    logger, handler = make_logger("a", logging.ERROR), open_log(str(path))
    logger.addHandler(handler)
    assert not path.exists()
    logger.error("oh %s", "no")
    handler.close()
    assert "ERROR oh no" in path.read_text()


def test_without_a_file_standard_error() -> None:
    handler = open_log(None)
    assert type(handler) is logging.StreamHandler
