"""The theatre as a graph file, with the statuses of one day as attributes: GraphML and node-link JSON, for Gephi, yEd, igraph, D3."""

from typing import TYPE_CHECKING, Any

from qsim.belief.timeline import Snapshot

if TYPE_CHECKING:
    import networkx as nx


def day_graph(snapshot: Snapshot, licence: str = "") -> "nx.Graph[str]":
    """
    Return the theatre of a day as a graph of plain attributes, which a file can hold: a node a place, an edge a link.

    `licence` is kept with the graph. A node has the fields of `Place` (lists joined by `;`, blanks left out), `status`, and `p_STATUS` for the belief in each status.
    """
    theatre = snapshot.theatre
    graph = theatre.graph()
    plain: nx.Graph[str] = type(graph)(name=theatre.name, title=theatre.title, day=str(snapshot.day), licence=licence)
    for id, fields in graph.nodes(data=True):
        beliefs = {f"p_{status}": p for status, p in snapshot[id].items()}
        plain.add_node(id, **_plain(fields), status=snapshot.status_of(id), **beliefs)
    for a, b, fields in graph.edges(data=True):
        plain.add_edge(
            a, b, **_plain({("link" if name == "id" else name): value for name, value in fields.items() if name not in ("a", "b")})
        )
    return plain


def _plain(fields: dict[str, Any]) -> dict[str, Any]:
    """Return the attributes that are texts, numbers or flags; lists are joined, names by language apart, blanks and shapes left out."""
    found = {
        name: ";".join(map(str, value)) if isinstance(value, tuple) else value
        for name, value in fields.items()
        if name not in ("id", "pos", "polygon", "local_names")
    }
    found |= {f"name_{code}": name for code, name in fields.get("local_names", {}).items()}
    return {name: value for name, value in found.items() if value not in (None, "")}
