"""The theatre as a graph file, with the statuses of one day as attributes: GraphML and node-link JSON, for Gephi, yEd, igraph, D3."""

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape, quoteattr

from qsim.belief.timeline import Snapshot
from qsim.record.progress import tracked

if TYPE_CHECKING:
    import networkx as nx


_HEAD = '<graphml xmlns="http://graphml.graphdrawing.org/xmlns">'
_KINDS = {bool: "boolean", int: "long", float: "double", str: "string"}  # a flag is a whole number too, and is looked for first


def day_graph(snapshot: Snapshot, licence: str = "", *, progress: bool = False) -> "nx.Graph[str]":
    """
    Return the theatre of a day as a graph of plain attributes, which a file can hold: a node a place, an edge a link.

    `licence` is kept with the graph. A node has the fields of `Place` (lists joined by `;`, blanks left out), `status`, and `p_STATUS` for the belief in each status.
    """
    theatre = snapshot.theatre
    graph = theatre.graph()
    plain: nx.Graph[str] = type(graph)(name=theatre.name, title=theatre.title, day=str(snapshot.day), licence=licence)
    nodes: Any = graph.nodes(data=True)
    for id, fields in tracked(nodes, "placing places", shown=progress):
        beliefs = {f"p_{status}": p for status, p in snapshot[id].items()}
        plain.add_node(id, **_plain(fields), status=snapshot.status_of(id), **beliefs)
    for a, b, fields in graph.edges(data=True):
        plain.add_edge(
            a, b, **_plain({("link" if name == "id" else name): value for name, value in fields.items() if name not in ("a", "b")})
        )
    return plain


def graphml(graph: "nx.Graph[str]", *, progress: bool = False) -> Iterator[str]:
    """
    Give the lines of a graph of plain attributes as GraphML (graphml.graphdrawing.org): what its attributes are, then nodes, then edges.

    networkx has a writer too; it holds the whole document and cannot tell how far it has come.
    """
    nodes: Any = graph.nodes(data=True)
    edges: Any = graph.edges(data=True)
    keys: dict[tuple[str, str, str], str] = {}
    for scope, each in (("graph", [graph.graph]), ("node", (fields for _, fields in nodes)), ("edge", (fields for *_, fields in edges))):
        for fields in each:
            for name, value in fields.items():
                keys.setdefault((scope, name, _kind(value)), f"d{len(keys)}")
    yield '<?xml version="1.0" encoding="utf-8"?>'
    yield _HEAD
    for (scope, name, kind), id in keys.items():
        yield f'  <key id="{id}" for="{scope}" attr.name={quoteattr(name)} attr.type="{kind}"/>'
    yield '  <graph edgedefault="undirected">'
    yield from _data(graph.graph, "graph", keys)
    for id, fields in tracked(nodes, "writing places", shown=progress):
        yield f"    <node id={quoteattr(id)}>"
        yield from _data(fields, "node", keys)
        yield "    </node>"
    for a, b, fields in tracked(edges, "writing links", shown=progress):
        yield f"    <edge source={quoteattr(a)} target={quoteattr(b)}>"
        yield from _data(fields, "edge", keys)
        yield "    </edge>"
    yield "  </graph>"
    yield "</graphml>"


def _kind(value: Any) -> str:
    """Return how GraphML calls what a value is."""
    return next(kind for type, kind in _KINDS.items() if isinstance(value, type))


def _data(fields: Mapping[str, Any], scope: str, keys: Mapping[tuple[str, str, str], str]) -> Iterable[str]:
    for name, value in fields.items():
        kind = _kind(value)
        text = str(value).lower() if kind == "boolean" else str(value)
        yield f'      <data key="{keys[scope, name, kind]}">{escape(text, {chr(13): "&#13;"})}</data>'


def _plain(fields: dict[str, Any]) -> dict[str, Any]:
    """Return the attributes that are texts, numbers or flags; lists are joined, names by language apart, blanks and shapes left out."""
    found = {
        name: ";".join(map(str, value)) if isinstance(value, tuple) else value
        for name, value in fields.items()
        if name not in ("id", "pos", "polygon", "local_names")
    }
    found |= {f"name_{code}": name for code, name in fields.get("local_names", {}).items()}
    return {name: value for name, value in found.items() if value not in (None, "")}
