"""The command ``view``: what it refuses, and where it listens."""

import inspect
import socket

import pytest

from bubble_abm import cli_view
from bubble_abm.app import server
from bubble_abm.cli import main


def refusal(capsys, *arguments):
    with pytest.raises(SystemExit) as end:
        main(["view", "--no-open", *arguments])
    assert end.value.code == 2
    return capsys.readouterr().err


@pytest.mark.parametrize("port", ["0", "70000", "web"])
def test_a_port_that_is_none_is_refused_in_one_line(capsys, port):
    assert refusal(capsys, "--port", port) == f"bubble-abm: port = {port}: give a whole number from 1 to 65535\n"


def test_a_port_that_is_taken_is_refused_before_anything_is_compiled(capsys, monkeypatch):
    monkeypatch.setattr(server, "warm_up", lambda: pytest.fail("compiled"))
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        said = refusal(capsys, "--port", str(taken.getsockname()[1]))
    assert "cannot listen there" in said and said.count("\n") == 1


def test_an_address_that_is_not_of_this_machine_is_refused(capsys):
    assert "192.0.2.1:8765: cannot listen there" in refusal(capsys, "--host", "192.0.2.1")


def test_it_listens_on_loopback_unless_told_otherwise(capsys, monkeypatch):
    assert inspect.signature(cli_view.view).parameters["host"].default == "127.0.0.1"
    asked = []
    monkeypatch.setattr(server, "warm_up", lambda: None)
    monkeypatch.setattr(server, "serve", lambda host, port, open_browser: asked.append((host, port, open_browser)))
    monkeypatch.setattr(cli_view, "check_free", lambda host, port: None)
    for arguments in (["--no-open"], ["--host", "0.0.0.0", "--port", "80"]):
        with pytest.raises(SystemExit):
            main(["view", *arguments])
    assert asked == [("127.0.0.1", 8765, False), ("0.0.0.0", 80, True)]
    assert capsys.readouterr().err.count("open to every machine") == 1


def test_on_loopback_other_names_are_not_answered():
    inner = object()
    assert server.guarded(inner, "0.0.0.0") is inner
    assert server.guarded(inner, "127.0.0.1").app is inner
