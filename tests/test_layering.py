"""Module-level imports point one way; the code keeps to its sizes; nothing private to a machine stands in the project."""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "qsim"
LAYERS = [
    ["dates", "seeds"],
    ["theatre"],
    ["geometry", "ledger"],
    ["schema", "model"],
    ["checks"],
    ["scenario"],
    ["timeline"],
    ["ensemble"],
    ["evidence"],
    ["statements", "vote"],
    ["hmm"],
    ["reconstruct"],
    ["replay", "metrics", "scores", "conflicts", "sensitivity"],
    ["casualties", "text"],
    ["prompt", "look", "new"],
    ["ground"],
    ["labels"],
    ["draw"],
    ["movie", "sheet", "charts"],
    ["narratives"],
    ["cli"],
]
RANK = {module: rank for rank, layer in enumerate(LAYERS) for module in layer}
MODULES = sorted(path.stem for path in PACKAGE.glob("*.py") if path.stem != "__init__")
LAZY = {"matplotlib", "PIL", "networkx", "shapely", "rich", "scipy", "numba", "json"}
MAY_BE_HEAVY = {"draw", "movie", "geometry", "look", "ground", "labels", "sheet", "charts", "narratives"}


def imports(module: str, *, top_level: bool = True) -> set[str]:
    """Return what a module imports when it is itself imported, `qsim.x` as `x`, others by their first name."""
    tree = ast.parse((PACKAGE / f"{module}.py").read_text(encoding="utf-8"))
    found = set()
    for node in tree.body if top_level else ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            names = [f"{node.module}.{alias.name}" for alias in node.names] if node.module == "qsim" else [node.module]
            found |= {name.removeprefix("qsim.").split(".")[0] for name in names}
        elif isinstance(node, ast.Import):
            found |= {alias.name.removeprefix("qsim.").split(".")[0] for alias in node.names}
    return found


@pytest.mark.parametrize("module", MODULES)
def test_imports_point_to_lower_layers_only(module: str) -> None:
    assert module in RANK, "give the module a layer"
    upward = {other for other in imports(module) & set(RANK) if RANK[other] >= RANK[module]}
    assert not upward


@pytest.mark.parametrize("module", [m for m in MODULES if m not in MAY_BE_HEAVY])
def test_heavy_libraries_are_imported_where_they_are_used(module: str) -> None:
    assert not imports(module) & (LAZY - {"json"})


@pytest.mark.parametrize("module", MODULES)
def test_files_and_functions_keep_to_a_readable_size(module: str) -> None:
    text = (PACKAGE / f"{module}.py").read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 420
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef):
            body = node.body[1:] if ast.get_docstring(node) else node.body
            length = (node.end_lineno or 0) - (body[0].lineno if body else node.lineno) + 1
            assert length <= 45, node.name


@pytest.mark.parametrize("module", MODULES)
def test_everything_public_is_documented(module: str) -> None:
    tree = ast.parse((PACKAGE / f"{module}.py").read_text(encoding="utf-8"))
    assert ast.get_docstring(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            nested = any(node in ast.walk(outer) for outer in ast.walk(tree) if isinstance(outer, ast.FunctionDef) and outer is not node)
            assert nested or ast.get_docstring(node), node.name
