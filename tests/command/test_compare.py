"""The command that compares scenarios."""

from tests.command.test_main import command as command


def test_scenarios_are_compared_in_a_table_and_a_picture(command, tmp_path):
    out = tmp_path / "both"
    calm = tmp_path / "calm.toml"
    calm.write_text('title = "calm"\n[parameters]\nherding = 1\n')
    code, said, _ = command(
        "compare", "baseline", "no shock", calm, "--seeds", "2", "--months", "4", "--outcomes", "announced,rent_peak",
        "--out", out,
    )  # fmt: skip
    assert code == 0
    assert "differences from baseline" in said and "calm: herding = 1" in said and "no shock: no shock" in said
    assert sorted(path.name for path in out.iterdir() if "comparison" in path.name) == [
        "comparison.csv", "comparison.json", "comparison.png",
    ]  # fmt: skip
    assert command("compare", "baseline", "no shock", "--out", out)[0] == 2  # it exists


def test_what_cannot_be_compared_is_one_line_and_code_2(command, tmp_path):
    for arguments, said in (
        (["baseline"], "1 scenarios"),
        (["baseline", "no shok"], "did you mean 'no shock'"),
        (["baseline", "no shock", "--seeds", "0"], "seeds"),
        (["baseline", "no shock", "--outcomes", "nothing"], "outcome"),
    ):
        code, _, error = command("compare", *arguments, "--out", tmp_path / "none")
        assert code == 2 and said in error and error.count("\n") == 1
    assert not (tmp_path / "none").exists()
