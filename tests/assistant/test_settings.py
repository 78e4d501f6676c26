"""Settings: defaults, then the environment."""

from pathlib import Path

from assistant.settings import Settings, from_environment
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
