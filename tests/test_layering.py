"""Module-level imports point one way; heavy libraries come late; the code keeps to readable sizes and is documented."""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "qsim"
LAYERS = [
    ["kernels.compiled"],
    ["kernels.philox", "kernels.lanes"],
    ["kernels.chain", "kernels.tiles", "kernels.graph", "kernels.routes", "kernels.paint"],
    ["kernels.odds", "kernels.pockets"],
    ["kernels.survey", "kernels.ties"],
    ["kernels.spread"],
    ["dates", "seeds", "terminal", "cluster"],
    ["theatre"],
    ["geometry", "ledger"],
    ["schema", "model"],
    ["checks"],
    ["scenario"],
    ["timeline"],
    ["ensemble", "palette"],
    ["evidence"],
    ["statements", "vote"],
    ["hmm", "enclosure", "passage", "suppose"],
    ["reconstruct", "ring", "rules"],
    ["cutoff"],
    ["interventions"],
    ["prepared"],
    ["differences"],
    ["simulation"],
    ["fitting"],
    ["replay", "metrics", "scores", "sensitivity", "influence"],
    ["casualties", "reports", "forecasts"],
    ["conflicts", "textmap", "new", "runs"],
    ["text"],
    ["prompt", "draw.look", "draw.letters", "draw.gif", "draw.video"],
    ["draw.ground", "draw.files", "draw.shares"],
    ["draw.labels", "draw.sheet", "draw.patchwork"],
    ["draw.signs", "draw.room", "draw.raster"],
    ["draw.locator", "draw.film", "draw.cache"],
    ["draw.legend", "draw.layout"],
    ["draw.marks"],
    ["draw.ringchart", "draw.sharechart", "draw.trend", "draw.forecastchart"],
    ["draw.charts"],
    ["draw.panel"],
    ["draw.scene"],
    ["draw"],
    ["draw.telling"],
    ["draw.movie"],
    ["page.ground"],
    ["page.pack"],
    ["page"],
    ["asking"],
    ["cli"],
]
RANK = {module: rank for rank, layer in enumerate(LAYERS) for module in layer}
FILES = {
    ".".join(path.relative_to(PACKAGE).with_suffix("").parts).removesuffix(".__init__"): path
    for path in sorted(PACKAGE.rglob("*.py"))
    if path.parent != PACKAGE / "kernels" or path.stem != "__init__"
}
MODULES = [module for module in FILES if module != "__init__"]
HEAVY = {"matplotlib", "PIL", "networkx", "shapely", "rich", "scipy", "numba", "distributed"}


def tree(module: str) -> ast.Module:
    return ast.parse(FILES[module].read_text(encoding="utf-8"))


def imports(module: str) -> set[str]:
    """Return what a module imports when it is itself imported: `qsim.draw.look` as `draw.look`, others by their first name."""
    found: set[str] = set()
    for node in tree(module).body:
        if isinstance(node, ast.ImportFrom) and node.module:
            inside = node.module.removeprefix("qsim").removeprefix(".")
            if not node.module.startswith("qsim"):
                found.add(node.module.split(".")[0])
            elif any(f"{inside}.{alias.name}".removeprefix(".") in FILES for alias in node.names):
                found |= {f"{inside}.{alias.name}".removeprefix(".") for alias in node.names}
            else:
                found.add(inside)
        elif isinstance(node, ast.Import):
            found |= {alias.name.removeprefix("qsim.").split(".")[0] for alias in node.names}
    return found


@pytest.mark.parametrize("module", MODULES)
def test_imports_point_to_lower_layers_only(module: str) -> None:
    assert module in RANK, "give the module a layer"
    upward = {other for other in imports(module) & set(RANK) if RANK[other] >= RANK[module]}
    assert not upward


@pytest.mark.parametrize("module", [m for m in MODULES if not m.startswith(("draw", "kernels", "geometry", "page"))])
def test_heavy_libraries_are_imported_where_they_are_used(module: str) -> None:
    assert not imports(module) & (
        HEAVY | {"draw", "geometry", "page"} | {name for name in RANK if name.startswith(("draw.", "page.", "kernels."))}
    )


@pytest.mark.parametrize("module", MODULES)
def test_files_and_functions_keep_to_a_readable_size(module: str) -> None:
    assert len(FILES[module].read_text(encoding="utf-8").splitlines()) <= 400
    for node in ast.walk(tree(module)):
        if isinstance(node, ast.FunctionDef) and not module.startswith("kernels"):
            body = node.body[1:] if ast.get_docstring(node) else node.body
            length = (node.end_lineno or 0) - (body[0].lineno if body else node.lineno) + 1
            assert length <= 45, node.name


@pytest.mark.parametrize("module", MODULES)
def test_everything_public_is_documented(module: str) -> None:
    top = tree(module)
    assert ast.get_docstring(top)
    outers: list[ast.Module | ast.ClassDef] = [top, *(node for node in top.body if isinstance(node, ast.ClassDef))]
    for outer in outers:
        for node in outer.body:
            if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
                assert ast.get_docstring(node), node.name
