"""Settings: defaults, then the environment."""

from pathlib import Path

import pytest

from assistant.settings import Settings, SettingsError, from_environment, read_settings
from policy_text.library import SHIPPED


def test_nothing_set_gives_the_defaults() -> None:
    assert from_environment({}) == Settings()


def test_an_empty_variable_counts_as_not_set() -> None:
    names = ("POLICIES", "INDEX", "CACHE", "MODEL", "REGION")
    assert from_environment({f"POLICY_ASSISTANT_{name}": "" for name in names}) == Settings()


def test_every_variable_is_read() -> None:
    environment = {
        "POLICY_ASSISTANT_POLICIES": "p",
        "POLICY_ASSISTANT_INDEX": "i",
        "POLICY_ASSISTANT_CACHE": "c",
        "POLICY_ASSISTANT_MODEL": "m",
        "POLICY_ASSISTANT_REGION": "California",
    }
    assert from_environment(environment) == Settings(
        policies=Path("p"), index=Path("i"), cache=Path("c"), model="m", region="California"
    )


def test_the_shipped_policies_are_the_default() -> None:
    assert Settings().policies == SHIPPED


def test_an_index_folder_that_is_given_is_used(tmp_path: Path) -> None:
    assert Settings(index=tmp_path).index_folder == tmp_path


def test_two_folders_of_policies_have_two_indexes(tmp_path: Path) -> None:
    one = Settings(policies=tmp_path / "one", cache=tmp_path).index_folder
    two = Settings(policies=tmp_path / "two", cache=tmp_path).index_folder
    assert one.parent == two.parent == tmp_path
    assert one != two


def test_the_index_folder_is_the_same_however_the_policies_are_written(tmp_path: Path) -> None:
    plain = Settings(policies=tmp_path / "one", cache=tmp_path)
    roundabout = Settings(policies=tmp_path / "two" / ".." / "one", cache=tmp_path)
    assert plain.index_folder == roundabout.index_folder


def test_flags_beat_the_environment_which_beats_the_file(tmp_path: Path) -> None:
    file = tmp_path / "s.toml"
    file.write_text('port = 1\ntitle = "File"\nhost = "file"\npolicies = "p"\n')
    environment = {"POLICY_ASSISTANT_TITLE": "Environment", "POLICY_ASSISTANT_HOST": "environment",
                   "POLICY_ASSISTANT_CONFIG": str(file)}  # fmt: skip
    found = read_settings(environment=environment, flags={"host": "flag", "port": None})
    assert (found.port, found.title, found.host) == (1, "Environment", "flag")
    assert found.policies == tmp_path / "p"


def test_several_values_have_commas_in_the_environment() -> None:
    environment = {"POLICY_ASSISTANT_FRAME_ORIGINS": "https://a.example, http://b.example:8"}
    assert from_environment(environment).frame_origins == (
        "https://a.example",
        "http://b.example:8",
    )


@pytest.mark.parametrize(
    ("given", "message"),
    [
        pytest.param({"port": 70000}, "port", id="port"),
        pytest.param({"keep_feedback_days": -1}, "keep_feedback_days", id="days"),
        pytest.param({"frame_origins": "https://a.example/path"}, "not an origin", id="path"),
        pytest.param({"frame_origins": "*"}, "not an origin", id="star"),
        pytest.param({"frame_origins": "https://a; script-src *"}, "not an origin", id="header"),
        pytest.param({"colour": "red"}, "no setting colour", id="unknown"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named(given: dict[str, object], message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        read_settings(environment={}, flags=given)


def test_a_settings_file_that_is_missing_or_broken_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"none\.toml"):
        read_settings(file=tmp_path / "none.toml", environment={})
    (tmp_path / "bad.toml").write_text("port =")
    with pytest.raises(SettingsError, match=r"bad\.toml"):
        read_settings(file=tmp_path / "bad.toml", environment={})
