"""Where a belief comes from, as PROV-JSON: these claims by these voices, through this policy of this version of qsim."""

from typing import Any

from qsim.belief.timeline import Timeline
from qsim.exchange.spans import licences
from qsim.record.progress import tracked

_NAMESPACE = "https://qsim.example/prov#"  # reserved, leads nowhere (RFC 2606, section 3)


def provenance(timeline: Timeline, version: str, *, progress: bool = False) -> dict[str, Any]:
    """
    Return the provenance of a belief as PROV-JSON (W3C member submission of 24 April 2013): the belief is an entity that an activity,
    the reconstruction, generated from the claims it used; each claim is attributed to its source, a repeating source to its origin.
    """
    theatre, ledger = timeline.theatre, timeline.ledger
    belief, made, software = "qsim:belief", "qsim:reconstruction", f"qsim:qsim-{version}"
    days = f"{timeline.start}/{timeline.days[-1]}"
    found: dict[str, Any] = {
        "prefix": {"qsim": _NAMESPACE},
        "entity": {belief: {"prov:label": theatre.title, "qsim:days": days, "qsim:licence": licences(timeline)}},
        "activity": {made: {"prov:label": f"policy {timeline.policy}", "qsim:policy": timeline.policy, **_settings(timeline)}},
        "agent": {software: {"prov:type": {"$": "prov:SoftwareAgent", "type": "prov:QUALIFIED_NAME"}, "qsim:version": version}},
        "wasGeneratedBy": {"_:made": {"prov:entity": belief, "prov:activity": made}},
        "wasAssociatedWith": {"_:by": {"prov:activity": made, "prov:agent": software}},
        "used": {}, "wasAttributedTo": {}, "wasDerivedFrom": {}, "actedOnBehalfOf": {},
    }  # fmt: skip
    for source in ledger.sources.values() if ledger is not None else ():
        found["agent"][f"qsim:source-{source.id}"] = {"prov:label": source.name, "qsim:kind": source.kind} | (
            {"qsim:side": source.side} if source.side else {}
        )
        if source.origin:
            found["actedOnBehalfOf"][f"_:of-{source.id}"] = {
                "prov:delegate": f"qsim:source-{source.id}",
                "prov:responsible": f"qsim:source-{source.origin}",
            }
    for claim in tracked(ledger.claims, "writing claims", shown=progress) if ledger is not None else ():
        entity = f"qsim:claim-{claim.id}"
        found["entity"][entity] = {
            "prov:label": claim.note or claim.id,
            "qsim:cites": "; ".join(map(str, claim.cites)),
            "qsim:of": str(claim.window),
        }
        found["wasAttributedTo"][f"_:said-{claim.id}"] = {"prov:entity": entity, "prov:agent": f"qsim:source-{claim.source}"}
        found["used"][f"_:used-{claim.id}"] = {"prov:activity": made, "prov:entity": entity}
        found["wasDerivedFrom"][f"_:from-{claim.id}"] = {"prov:generatedEntity": belief, "prov:usedEntity": entity}
    return {name: part for name, part in found.items() if part}


def _settings(timeline: Timeline) -> dict[str, str]:
    """Return the parameters that the belief was made with, as texts."""
    return {f"qsim:{name}": str(value) for name, value in timeline.model.items()}
