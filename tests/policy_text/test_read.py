"""A file becomes the text that offsets refer to, or an error that says what to do."""

from pathlib import Path

import pytest

from policy_text.errors import PolicyFileError
from policy_text.extract import html_to_markdown
from policy_text.read import MAX_BYTES, extracted_path, read_text


def written(folder: Path, data: bytes, name: str = "acme.txt") -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("name", ["acme.txt", "acme.md"])
def test_nothing_of_a_text_file_is_altered(tmp_path: Path, name: str) -> None:
    text = "\ufeffWe keep it.\r\n\r\n 💙\rنعم \n"
    assert read_text(written(tmp_path, text.encode(), name)) == text


def test_missing_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "acme.txt"
    with pytest.raises(PolicyFileError, match=r"There is no file .*acme\.txt\. Check the path"):
        read_text(path)


def test_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(PolicyFileError, match="cannot be read"):
        read_text(tmp_path)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        pytest.param(b"", r"acme\.txt has no text in it", id="empty"),
        pytest.param(b" \r\n\t", r"acme\.txt has no text in it", id="blank"),
        pytest.param(b"\xef\xbb\xbf", r"acme\.txt has no text in it", id="byte-order-mark"),
        pytest.param(b"-----\n...", r"acme\.txt has no text in it", id="only-signs"),
        pytest.param(b"PK\x03\x04\0x", r"acme\.txt is a binary file.*byte 4 is zero", id="binary"),
        pytest.param(b"We caf\xe9", r"acme\.txt is not UTF-8 \(byte 6\)\. Save it", id="latin-1"),
        pytest.param("We".encode("utf-16"), r"acme\.txt is a binary file", id="utf-16"),
        pytest.param(b"We \xe2\x82", r"acme\.txt is not UTF-8 \(byte 3\)", id="cut-off"),
        pytest.param(
            b"a" * (5 * 1024 * 1024), r"acme\.txt has 5\.0 MB; a policy may have 4 MB", id="5-MB"
        ),
    ],
)
def test_file_that_is_no_policy_is_refused(tmp_path: Path, data: bytes, message: str) -> None:
    with pytest.raises(PolicyFileError, match=message):
        read_text(written(tmp_path, data))


def test_the_largest_file_is_read(tmp_path: Path) -> None:
    assert len(read_text(written(tmp_path, b"a" * MAX_BYTES))) == MAX_BYTES


HTML = "<main><h1>Acme</h1><p>We keep it — all.</p></main>"


def test_html_is_read_as_its_markdown(tmp_path: Path) -> None:
    path = written(tmp_path, HTML.encode(), "acme.html")
    assert read_text(path) == html_to_markdown(HTML) == "# Acme\n\nWe keep it — all.\n"


def test_extracted_markdown_is_kept_beside_the_source(tmp_path: Path) -> None:
    path = written(tmp_path, HTML.encode(), "acme.html")
    text = read_text(path)
    kept = extracted_path(path, HTML.encode())
    assert kept.read_bytes().decode() == text
    assert sorted(p.name for p in tmp_path.iterdir()) == ["acme.html", kept.name]


def test_kept_markdown_stays_what_offsets_refer_to(tmp_path: Path) -> None:
    path = written(tmp_path, HTML.encode(), "acme.html")
    extracted_path(path, HTML.encode()).write_bytes(b"Of an older\r\nextraction.")
    assert read_text(path) == "Of an older\r\nextraction."


def test_changed_source_is_extracted_again(tmp_path: Path) -> None:
    path = written(tmp_path, HTML.encode(), "acme.html")
    read_text(path)
    path.write_bytes(b"<p>We sell it.</p>")
    assert read_text(path) == "We sell it.\n"


def test_name_of_the_kept_file_tells_its_source() -> None:
    # the first 8 of the SHA-256 of no bytes: e3b0c442...
    assert extracted_path(Path("a/acme.html"), b"") == Path("a/acme.html.e3b0c442.markdown")


def test_html_without_words_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, b"<main><nav>Menu</nav></main>", "acme.html")
    with pytest.raises(PolicyFileError, match="has no text in it"):
        read_text(path)
