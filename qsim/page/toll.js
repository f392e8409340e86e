// The toll up to a day, as the sources give it; no figure is added to another.

import { el } from "./dom.js";
import { claimAt, standing } from "./record.js";
import { sideOf } from "./words.js";

/** Return the figures of the toll that a telling holds by a day: those that count no day after it. */
export function tollOn(record, telling, day) {
  return record.toll.filter(({ claim, until }) => standing(telling, claim) >= 0 && until <= day && (!telling.known || claimAt(record, claim).known <= day));
}

/** Write the toll up to a day, civilians first; where there is no figure in the whole record, nothing. */
export function showToll(record, telling, day, host) {
  const toll = host.querySelector("div");
  host.hidden = !record.toll.length;
  if (host.hidden || !host.open) return;
  const found = tollOn(record, telling, day);
  const groups = [...new Set(found.map((each) => each.of))];
  const row = ({ claim, figure, people, outcome, where }) => {
    const { when, source, confidence, cites } = claimAt(record, claim);
    const voice = record.sources[source];
    const firm = confidence === "stated" || confidence === "claimed" ? "" : `, ${confidence}`;
    return el("li", {}, el("strong", {}, `${figure} `), `${people} ${outcome}; ${where}, ${when} `, el("span", { class: "by" }, `${voice.name} (${sideOf(record, voice)}${firm}), ${(cites ?? [])[0] ?? ""}`));
  };
  toll.replaceChildren(
    el("p", { class: "small" }, "As the sources give it, up to this day. Figures overlap and contradict each other; none is added to another."),
    ...(found.length ? groups.flatMap((of) => [el("h3", {}, of), el("ul", {}, found.filter((each) => each.of === of).map(row))]) : [el("p", {}, "No source has given a figure yet.")]),
  );
}
