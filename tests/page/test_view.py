"""The command ``view``: what it refuses, and where it listens."""

import asyncio
import inspect
import socket
from concurrent.futures import ThreadPoolExecutor

import pytest

from bubble_abm.command import view as cli_view
from bubble_abm.command.main import main
from bubble_abm.page import server
from bubble_abm.page.downloads import scenario_file
from bubble_abm.page.links import read_link
from bubble_abm.page.settings import Settings, settings_from


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
    assert asked == [("127.0.0.1", 8765, None), ("0.0.0.0", 80, "http://127.0.0.1:80/")]
    assert capsys.readouterr().err.count("can open the page") == 1


def answers(served, kind="http", **headers):
    """What the guard sends for a request, and whether the application behind it is asked."""
    asked, sent = [], []

    async def inner(scope, receive, send):
        asked.append(scope)

    async def send(message):
        sent.append(message)

    told = [(name.encode(), value.encode()) for name, value in headers.items()]
    with ThreadPoolExecutor(1) as pool:  # a browser that another test keeps open runs a loop in this one
        pool.submit(asyncio.run, server.guarded(inner, served)({"type": kind, "headers": told}, None, send)).result()
    return bool(asked), sent


@pytest.mark.parametrize("kind", ["http", "websocket"])
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1"])
def test_on_loopback_only_own_names_and_own_pages_are_answered(host, kind):
    assert answers(host, kind, host="localhost:8765", origin="http://localhost:8765")[0]
    assert answers(host, kind, host="[::1]:8765")[0]
    for headers in (
        {"host": "evil.example:8765"}, {}, {"host": "localhost:8765", "origin": "http://evil.example"},
        {"host": "localhost:8765", "origin": "http://localhost:9999"}, {"host": "localhost:8765", "origin": "null"},
    ):  # fmt: skip
        asked, sent = answers(host, kind, **headers)
        assert not asked
        assert sent[0].get("code", sent[0].get("status")) == (1008 if kind == "websocket" else 403)


def test_a_page_that_is_open_to_others_has_any_name_but_only_its_own_pages():
    assert answers("0.0.0.0", "websocket", host="bubble.example", origin="https://bubble.example")[0]
    assert not answers("0.0.0.0", "websocket", host="bubble.example", origin="https://evil.example")[0]


def test_it_opens_with_a_scenario_that_the_page_handed_out(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(server, "warm_up", lambda: None)
    monkeypatch.setattr(server, "serve", lambda host, port, open_browser: None)
    monkeypatch.setattr(cli_view, "check_free", lambda host, port: None)
    settings = Settings(seed=7, months=30, values={"herding": 2.0, "public_register": 1.0}, shock=False)
    path = tmp_path / "scenario.toml"
    path.write_text(scenario_file(settings))
    assert settings_from(path) == settings
    with pytest.raises(SystemExit):
        main(["view", "--no-open", "--scenario", str(path), "--set", "herding=3"])
    query = "seed=7&months=30&shock=off&herding=3&public_register=1"
    said = capsys.readouterr().err
    assert f"http://127.0.0.1:8765/?{query} " in said
    assert read_link(query).settings == settings.changed("herding", "3")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[[shocks]]\nmonth = 20\n", "the page allows only the shock"),
        ('[[changes]]\nparameter = "herding"\nvalue = 1.0\nmonth = 3\n', "the page allows only the shock"),
        ("[parameters]\nscale = 2.0\n", "use bubble-abm run --set scale"),
        ("[parameters]\nherding = 99\n", "herding = 99"),
        ("months = ", "not valid TOML"),
    ],
)
def test_a_scenario_that_the_page_cannot_show_is_refused_in_one_line(tmp_path, capsys, text, says):
    path = tmp_path / "scenario.toml"
    path.write_text(text)
    said = refusal(capsys, "--scenario", str(path))
    assert says in said and said.count("\n") == 1


def test_a_setting_that_is_none_is_refused(capsys):
    assert "herding = 99: give a number from 0 to 8" in refusal(capsys, "--set", "herding=99")
    assert "did you mean 'herding'" in refusal(capsys, "--set", "hearding=1")
