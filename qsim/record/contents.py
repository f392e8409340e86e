"""Everything read from a scenario folder before it is known to be sound."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from qsim.record.documents import Document
from qsim.record.schema import Problem, Table
from qsim.record.theatre import Feature, Place

FILES = ("scenario.toml", "places.geojson", "links.csv", "groups.csv", "sources.csv", "claims.csv", "backdrop.geojson")


@dataclass(slots=True)
class Contents:
    """Everything read from a folder before it is known to be sound."""

    folder: Path
    settings: dict[str, Any] = field(default_factory=dict)
    documents: dict[str, Document] = field(default_factory=dict)
    places: list[tuple[int, Place]] = field(default_factory=list)
    backdrop: list[Feature] = field(default_factory=list)
    tables: dict[str, Table] = field(default_factory=dict)

    @property
    def problems(self) -> list[Problem]:
        """The problems of all files, in the order of the files and their rows."""
        return sorted(
            (problem for table in self.tables.values() for problem in table.problems),
            key=lambda problem: (FILES.index(problem.file) if problem.file in FILES else 99, problem.row, problem.column),
        )
