"""The program, without a server."""

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path
from typing import IO

import pytest

from jupyter_trame._version import __version__
from jupyter_trame.command_line import console_script, main


def test_jupyter_finds_it() -> None:
    jupyter = Path(sys.executable).parent / "jupyter"
    result = subprocess.run(
        [jupyter, "trame", "--version"], capture_output=True, text=True, check=False, timeout=60
    )
    assert (result.returncode, result.stdout) == (0, f"jupyter_trame {__version__}\n"), result.stderr


@pytest.mark.parametrize("command", ["list", "open", "stop", "restart", "run", "new", "doctor"])
def test_each_command_has_help(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main([command, "--help"])
    assert caught.value.code == 0
    assert f"usage: jupyter trame {command}" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["lsit"], "is 'list' meant? there is no command 'lsit', but list, open"),
        (["nothing"], "there is no command 'nothing', but list"),
        ([], "the following arguments are required: COMMAND"),
        (["stop"], "the following arguments are required: APP"),
        (["run"], "the following arguments are required: FILE\n"),
    ],
)
def test_a_wrong_command_line(arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2
    assert words in capsys.readouterr().err


def test_a_project_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["new", "sea-level"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == str(Path("sea-level", "sea_level", "__init__.py"))
    assert lines[-3:] == [
        'pip install -e "sea-level[test]"',
        "jupyter trame open sea-level",
        "pytest sea-level",
    ]
    written = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()}
    assert {"sea-level/pyproject.toml", "sea-level/tests/test_app.py"} <= written
    assert {str(Path(line)) for line in lines[:-4]} == {str(Path(path)) for path in written}


@pytest.mark.parametrize(
    ("template", "path"), [("app", "x.trame.py"), ("ui", "x.trame.py"), ("notebook", "x.ipynb")]
)
def test_one_file_is_written_and_never_over_another(
    template: str, path: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["new", "x", "--template", template, "--folder", str(tmp_path / "new"), "--json"]
    assert main(arguments) == 0
    assert json.loads(capsys.readouterr().out) == {"files": [str(tmp_path / "new" / path)]}
    (tmp_path / "new" / path).write_text("mine")
    assert main(arguments) == 2
    words = f"there is {tmp_path / 'new' / path} already"
    assert words in capsys.readouterr().err
    assert (tmp_path / "new" / path).read_text() == "mine"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["new", "json"], "a package 'json' would hide the module of Python with this name"),
        (["new", "jupyter-trame"], "would hide the one of this name that is installed"),
        (["new", "tests"], "would be mixed up with its own tests"),
        (["new", "My App"], "an app has a name such as 'my-app'"),
        (["new", "x", "--template", "noteboook"], "is 'notebook' meant? there is no template 'noteboook'"),
    ],
)
def test_what_cannot_be_written(
    arguments: list[str],
    words: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(arguments) == 2
    assert words in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no device that is full")
def test_an_answer_that_cannot_be_written_is_told_of_in_one_sentence(tmp_path: Path) -> None:
    with Path("/dev/full").open("w") as full:
        result = run_new(tmp_path, full)
    said = "jupyter trame: the answer could not be written: No space left on device\n"
    assert (result.returncode, result.stderr) == (1, said)


@pytest.mark.skipif(os.name == "nt", reason="its pipes end in other ways")
def test_who_reads_no_more_is_told_nothing(tmp_path: Path) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "w") as pipe:
        result = run_new(tmp_path, pipe)
    assert (result.returncode, result.stderr) == (141, "")


def test_a_link_that_leads_elsewhere_is_not_written_through(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "x.trame.py").symlink_to(tmp_path / "elsewhere.py")
    assert main(["new", "x", "--template", "app", "--folder", str(tmp_path)]) == 2
    assert "there is" in capsys.readouterr().err
    assert not (tmp_path / "elsewhere.py").exists()


@pytest.mark.parametrize("template", ["project", "app", "notebook"])
def test_next_steps_can_be_typed_where_a_folder_has_a_space(
    template: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "my work"
    assert main(["new", "x", "--template", template, "--folder", str(folder)]) == 0
    steps = capsys.readouterr().out.split("\n\n")[1].splitlines()
    words = [word for step in steps for word in shlex.split(step)]
    there = [word.removesuffix("[test]") for word in words if str(tmp_path) in word]
    assert there
    assert all(Path(word).exists() for word in there)


@pytest.mark.skipif(os.name == "nt", reason="descriptors are closed in other ways")
@pytest.mark.parametrize(
    ("closed", "name", "status"), [(">&-", "x", 1), ("2>&-", "X", 2), ("<&-", "x", 0), (">&- 2>&-", "x", 1)]
)
def test_a_stream_that_is_closed(closed: str, name: str, status: int, tmp_path: Path) -> None:
    program = "import sys; from jupyter_trame.command_line import main; sys.exit(main())"
    command = shlex.join([sys.executable, "-c", program, "new", name, "--template", "app", "--folder", "."])
    result = subprocess.run(
        ["sh", "-c", f"{command} {closed}"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert result.returncode == status, result.stderr
    assert "Traceback" not in result.stdout + result.stderr


def test_what_the_encoding_of_the_output_lacks_is_escaped(tmp_path: Path) -> None:
    program = "import sys; from jupyter_trame.command_line import main; sys.exit(main())"
    command = [
        sys.executable,
        "-c",
        program,
        "new",
        "x",
        "--template",
        "app",
        "--folder",
        str(tmp_path / "\xe9"),
    ]
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    result = subprocess.run(command, env=environment, capture_output=True, check=False, timeout=60)
    assert result.returncode == 0, result.stderr
    assert b"\\xe9" in result.stdout


@pytest.mark.parametrize(
    ("arguments", "words"),
    [(["stop", "x"], "the server may still do it: see `jupyter trame list`"), (["list"], "")],
)
def test_who_waits_no_more_is_told_that_the_server_goes_on(
    arguments: list[str], words: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(console_script, "find_server", interrupt)
    assert main(arguments) == 130
    told = capsys.readouterr().err
    assert words in told
    assert bool(told) == bool(words)


def run_new(folder: Path, out: IO[str]) -> subprocess.CompletedProcess[str]:
    """The program, which writes into `out`."""
    program = "import sys; from jupyter_trame.command_line import main; sys.exit(main())"
    command = [sys.executable, "-c", program, "new", "x", "--template", "app", "--folder", str(folder)]
    return subprocess.run(command, stdout=out, stderr=subprocess.PIPE, text=True, check=False, timeout=60)


def test_a_folder_that_cannot_be_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("")
    assert main(["new", "x", "--template", "app", "--folder", str(tmp_path / "file")]) == 1
    assert "jupyter trame: " in capsys.readouterr().err


def test_without_a_jupyter_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path))
    monkeypatch.delenv("JUPYTER_SERVER_URL", raising=False)
    assert main(["list"]) == 3
    assert "start one with `jupyter lab`" in capsys.readouterr().err
