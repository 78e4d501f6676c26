"""The layers point up only: policy_text, then index, then assistant; read from the imports."""

import ast
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parent.parent
LAYERS = ("policy_text", "index", "assistant")
MODULES = sorted(p for layer in LAYERS for p in (REPOSITORY / layer).rglob("*.py"))
every_module = pytest.mark.parametrize("module", MODULES, ids=lambda p: f"{p.parent.name}/{p.name}")


def tree(module: Path) -> ast.Module:
    return ast.parse(module.read_text(encoding="utf-8"))


def imported(module: Path) -> set[str]:
    """The top packages that a module imports, inside functions too."""
    found: set[str] = set()
    for node in ast.walk(tree(module)):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module}: a relative import hides its layer"
            found.add(str(node.module).partition(".")[0])
    return found


def importing(package: str) -> set[str]:
    return {
        module.relative_to(REPOSITORY).as_posix()
        for module in MODULES
        if package in imported(module)
    }


def test_the_modules_are_found() -> None:
    assert {module.parent.name for module in MODULES} >= set(LAYERS)
    assert "numpy" in imported(REPOSITORY / "index" / "scoring.py")  # the walk sees imports


@pytest.mark.parametrize(
    ("layer", "above"),
    [
        pytest.param("policy_text", {"index", "assistant"}, id="policy_text"),
        pytest.param("index", {"assistant"}, id="index"),
    ],
)
def test_a_layer_imports_nothing_above_it(layer: str, above: set[str]) -> None:
    assert not {p for package in above for p in importing(package) if p.startswith(f"{layer}/")}


@pytest.mark.parametrize("package", ["training", "benchmarks", "tests", "app"])
def test_a_package_that_the_product_must_not_import(package: str) -> None:
    assert importing(package) == set()


@pytest.mark.parametrize("package", ["langchain", "langchain_core"])
def test_langchain_stays_in_its_two_files(package: str) -> None:
    assert importing(package) <= {"index/langchain.py", "assistant/chain.py"}


@pytest.mark.parametrize(
    "package", ["sentence_transformers", "torch", "onnxruntime", "onnx", "faiss", "bm25s"]
)
def test_models_and_searching_stay_in_the_index(package: str) -> None:
    assert {path.partition("/")[0] for path in importing(package)} <= {"index"}


def test_only_one_file_imports_gradio_so_that_it_is_kept_quiet() -> None:
    assert importing("gradio") == {"assistant/page/quiet.py"}


@pytest.mark.parametrize("package", ["fastapi", "starlette", "uvicorn"])
def test_the_web_stays_in_the_page(package: str) -> None:
    assert all(path.startswith("assistant/page/") for path in importing(package))


def test_nothing_but_the_command_line_imports_the_page() -> None:
    outside = {
        module.relative_to(REPOSITORY).as_posix()
        for module in MODULES
        if "assistant.page" in module.read_text(encoding="utf-8")
    }
    assert {p for p in outside if not p.startswith("assistant/page/")} == {"assistant/cli.py"}


@every_module
def test_every_module_opens_with_one_line(module: Path) -> None:
    assert (ast.get_docstring(tree(module)) or "").partition("\n")[0].endswith(".")


@every_module
def test_no_module_catches_everything(module: Path) -> None:
    for node in ast.walk(tree(module)):
        if isinstance(node, ast.ExceptHandler):
            assert node.type is not None, f"line {node.lineno}: bare except"
            caught = {n.id for n in ast.walk(node.type) if isinstance(n, ast.Name)}
            assert not caught & {"Exception", "BaseException"}, f"line {node.lineno}"
