// What stands beside the map: the city enlarged, its figures, the legend, a place with its claims, the table of the day.

import { dayUnder, historyStrip, moveCursor, shareChart } from "./chart.js";
import { draw, el, paint } from "./dom.js";
import { edgeOf, palette, patterns } from "./fills.js";
import { makeInset, paintInset } from "./inset.js";
import { UNDECIDED, UNKNOWN, believed, countsOf, silentDays, testimonyOf } from "./record.js";
import { percent, sideOf, silence, statusName, statusWord, waysOut } from "./words.js";
import { aroundList } from "./walk.js";

const MOST_LETTERS = 900; // of a note or a quotation, before it is folded
let kept = null; // the strip of history that is shown
const SHOWN = { for: 4, against: 4, earlier: 0, beside: 0 };

/** Build the panel of the city, or where there is none of the ring, once for a telling: enlarged parts, counts, figures, the share's chart. */
export function makeCity(record, telling, host, pick, seek) {
  const city = telling.city ? record.map.cities[0] : null;
  const figures = el("dl", { class: "figures" });
  host.replaceChildren();
  if (!city && !telling.ring) return null;
  if (!city) {
    host.append(el("h2", {}, record.map.places[telling.ring.place].name), figures);
    return { city: null, figures };
  }
  const inset = makeInset(record, city, pick);
  const counts = el("ul", { class: "counts" });
  const name = record.map.places[city.place].name;
  const chart = shareChart(record, telling.city, "var(--side-0)");
  chart.addEventListener("click", (event) => seek(dayUnder(chart, record, event)));
  const band = telling.city.low ? "expected share; the band holds 90 % of histories" : "share by the map";
  const said = telling.city.reported.length ? "; dots are reported shares" : "";
  host.append(
    el("h2", {}, `${name}, enlarged: ${city.parts.length} ${city.kind}s`),
    el("div", { class: "city" }, el("div", {}, inset.svg, inset.numbered), el("div", {}, counts, figures)),
    el("h3", {}, `${record.sides[0].name}: share of ${name}`),
    el("p", { class: "small" }, band + said),
    el("div", { class: "shares" }, chart, el("div", { class: "scale", "aria-hidden": "true" }, ["100 %", "50 %", "0"].map((text) => el("span", {}, text)))),
  );
  return { city, inset, figures, counts, chart };
}

/** Show a day in the city's panel. */
export function showCity(made, record, telling, day, looks, changed) {
  if (!made) return;
  const { city, inset, figures, counts, chart } = made;
  figures.replaceChildren(...figuresOf(record, telling, day).map(([term, text, note]) => el("div", {}, el("dt", {}, term), el("dd", {}, text, note ? el("small", {}, ` ${note}`) : null))));
  if (!city) return;
  paintInset(inset, record, city.parts, looks, changed);
  const found = countsOf(record, telling, city.parts, day);
  counts.replaceChildren(...found.flatMap((count, status) => (count ? [el("li", {}, swatch(record, codeOf(record, status)), `${count} ${statusWord(record, codeOf(record, status))}`)] : [])));
  moveCursor(chart, record, day);
}

/** Return the code of a status by its place among counts: the undecided and the unknown come last. */
const codeOf = (record, position) => (position < record.statuses.length ? position : UNDECIDED + (position - record.statuses.length));

const WIDE = 20; // per cent that a figure may owe to places of which nothing had been reported before it says so

/** Return, where the odds of a ring owe much to places of which nothing had been reported by then, what they would be with these open and closed. */
function unheard(odds, day) {
  const [open, closed] = odds ? odds.map((each) => each[day]) : [0, 0];
  return Math.abs(closed - open) < WIDE ? "" : `; ${percent(open / 100)} to ${percent(closed / 100)}, as places let through or not of which nothing had been reported by then`;
}

/** Return the figures of a day that can be told: [term, figure, what it rests on]. */
function figuresOf(record, { city, ring, known }, day) {
  const found = [];
  if (city) found.push([`Held by ${record.sides[0].name}`, city.share[day] === null ? "not known" : `${city.share[day]} %`, city.low && city.share[day] !== null ? `(${city.low[day]}–${city.high[day]} %)` : ""]);
  if (!ring) return found;
  const of = city && ring.place !== city.place ? ` of ${record.map.places[ring.place].name}` : "";
  const whose = `${of}, ${record.sides[ring.side].name}`;
  if (ring.cut_off) {
    const heard = ring.by_map ? "by the map and what was said of the ring" : "by the map";
    found.push([`Cut off${whose}`, ring.cut_off[day] === null ? "not known" : percent(ring.cut_off[day] / 100), heard + unheard(ring.cut_off_if, day)]);
    const ways = ring.exits[day].map((route, i) => `${record.map.places[route.at(-1)].name} ${percent(ring.open[day][i] / 100)}`);
    if (ways.length) found.push([`Ways out${of}`, ways.join(", "), "of histories have them open; many are links that no document names"]);
  } else found.push([`Ways out${whose}`, waysOut(ring.exits[day].length), known ? "by what was known" : ""]);
  if (ring.by_map) found.push(["By the map alone", percent(ring.by_map[day] / 100), ""]);
  if (ring.by_words) found.push(["By the words alone", ring.by_words[day] === null ? "nobody has spoken of it" : percent(ring.by_words[day] / 100), ""]);
  return found;
}

/** Return what a small window says of the ring beside the day, where its figures lie farther down: nothing where there is none. */
export function ringText({ ring }, day) {
  if (!ring) return "";
  if (!ring.cut_off) return `Ways out: ${waysOut(ring.exits[day].length)}`;
  return `Cut off: ${ring.cut_off[day] === null ? "not known" : percent(ring.cut_off[day] / 100)}`;
}

/** Return a sample of a status's colour, with the edge that a side has in charts. */
export function swatch(record, status, steps = 1) {
  const fills = palette(record);
  const known = status < record.statuses.length;
  const wide = 16;
  const boxes = Array.from({ length: known ? steps : 1 }, (_, step) => paint(draw("rect", { x: step * wide, width: wide, height: 14 }), fills(status, step, "small")));
  const width = wide * (known ? steps : 1);
  const edge = status < record.sides.length ? paint(draw("rect", { class: "edged", x: 1, y: 1, width: width - 2, height: 12 }), null, edgeOf(status)) : null;
  return draw("svg", { class: "swatch", viewBox: `0 0 ${width} 14`, width, height: 14, "aria-hidden": "true" }, boxes, edge);
}

/** Write the legend. */
export function makeLegend(record, host) {
  const { sure, likely } = record.look;
  const statuses = [...record.statuses.keys(), UNDECIDED, UNKNOWN];
  const sign = (name, ...drawn) => el("li", {}, draw("svg", { class: `sign ${name}`, viewBox: "0 0 32 14", width: 32, height: 14, "aria-hidden": "true" }, drawn), SIGNS[name]);
  const SIGNS = { front: "front line", was: "front line the day before", ring: "changed this day", way: "way out", closed: "ring: as solid as it is likely closed", road: "road out; broken on ground not its own", old: "no report for 30 days", building: "building, enlarged" };
  host.replaceChildren(
    el("h2", {}, "Legend"),
    el(
      "ul",
      { class: "legend" },
      statuses.map((status) => el("li", {}, swatch(record, status, 3), statusName(record, status))),
      ...(record.map.borders.length ? [sign("front", draw("path", { d: "M1,7H31" })), sign("was", draw("path", { d: "M1,7H31" }))] : []),
      record.tellings.some(({ events }) => events.some(({ places }) => places.length)) ? sign("ring", draw("circle", { cx: 16, cy: 7, r: 5.5 })) : null,
      ...(record.tellings.some((telling) => telling.ring?.drawn) ? [sign("closed", ...[2, 5, 10].map((grade, i) => draw("path", { d: `M${1 + i * 10},7h9`, "stroke-width": 0.5 + 0.45 * grade, "stroke-opacity": 0.25 + 0.075 * grade }))), sign("road", draw("path", { d: "M1,7H31", "stroke-dasharray": "7 4" }))] : []),
      record.tellings.some((telling) => telling.ring && !telling.ring.drawn) ? sign("way", draw("path", { class: "casing", d: "M2,7H22M31,7L20,11.500V2.500Z" }), draw("path", { d: "M2,7H22" }), draw("path", { class: "head", d: "M30,7L21,10.800V3.200Z" })) : null,
      record.map.places.some((place) => place.dot) ? sign("old", draw("circle", { cx: 16, cy: 7, r: 3 })) : null,
      record.map.places.some((place) => place.within !== undefined) ? sign("building", draw("circle", { cx: 16, cy: 7, r: 4.5 })) : null,
    ),
    el("p", { class: "small" }, `How sure, by tint: above ${sure * 100} %, ${likely * 100} to ${sure * 100} %, below ${likely * 100} %.`),
    draw("svg", { class: "hidden", width: 0, height: 0, "aria-hidden": "true" }, patterns(record, "small")),
  );
}

/** Show a place: its history, the belief by status, and the claims for and against. */
export function showPlace(record, telling, place, day, host, { seek, close, pick }) {
  host.hidden = place === null;
  if (place === null) return host.replaceChildren();
  const { name, ar, kind, estimated } = record.map.places[place];
  const { status, belief } = believed(record, telling, place, day);
  const strip = stripOf(record, telling, place, host, seek);
  moveCursor(strip, record, day);
  const open = new Set([...host.querySelectorAll("details[open]")].map((each) => each.dataset.key));
  const focused = host.contains(document.activeElement) ? document.activeElement.parentNode : null;
  const parts = [
    el("div", { class: "heading" }, el("h2", { id: "about-name" }, `${name} `, ar && !name.includes(ar) ? el("span", { lang: "ar", dir: "rtl" }, ar) : null), el("button", { type: "button", class: "close", "aria-label": `Leave ${name}`, onclick: close }, "×")),
    el("p", { class: "small" }, `${kind.replaceAll("_", " ")}${estimated ? ", position estimated" : ""}`),
    el("p", { class: "is" }, swatch(record, status), el("strong", {}, statusName(record, status)), `. ${silence(silentDays(telling, place, day))}`),
    strip,
    beliefBars(record, status, belief),
    unfolding({ "data-key": "around" }, "Around it", open.has("around"), () => aroundList(record, telling, place, day, pick)),
    claimsOf(record, telling, place, day, status, open),
  ];
  host.replaceChildren(...parts.filter(Boolean));
  // Who reads here with the keyboard stays here while the days go by.
  if (focused) (host.querySelector(`details[data-key="${focused.dataset.key}"] > summary`) ?? host.querySelector(".close")).focus();
  return undefined;
}

/** Return the strip of a place's history, the same from day to day. */
function stripOf(record, telling, place, host, seek) {
  if (kept?.telling === telling && kept.place === place) return kept.strip;
  const strip = historyStrip(record, telling, place, palette(record), host.clientWidth || 360);
  strip.addEventListener("click", (event) => seek(dayUnder(strip, record, event)));
  kept = { telling, place, strip };
  return strip;
}

function beliefBars(record, status, belief) {
  if (status === UNKNOWN) return null;
  const fills = palette(record);
  const rows = belief.map((share, s) => {
    const bar = paint(draw("rect", { width: share * 100, height: 10 }), fills(s, 0, "small"));
    const end = paint(draw("path", { class: "edged", d: share < 0.005 ? "" : `M0,10H${share * 100}V0H0` }), null, edgeOf(s, record));
    const drawn = draw("svg", { viewBox: "0 0 100 10", preserveAspectRatio: "none", "aria-hidden": "true" }, bar, end);
    return el("tr", {}, el("th", { scope: "row" }, statusName(record, s)), el("td", { class: "bar" }, drawn), el("td", { class: "number" }, percent(share)));
  });
  return el("table", { class: "belief" }, el("caption", {}, "Belief"), el("tbody", {}, rows));
}

function claimsOf(record, telling, place, day, status, open) {
  if (!telling.claims) return el("p", { class: "small" }, "A mean of histories: there is nobody to ask.");
  const { supporting, opposing, earlier, beside } = testimonyOf(record, telling, place, day);
  const groups = [
    ["for", status >= UNDECIDED ? "Claims" : `For ${statusWord(record, status)}`, supporting],
    ["against", "Against", opposing],
    ["earlier", "Earlier, before the place last changed", earlier],
    ["beside", "Beside: rings, roads, parts, losses", beside],
  ].filter(([, , told]) => told.length);
  if (!groups.length) return el("p", {}, "Nobody has spoken of this place yet.");
  return el("div", { class: "claims" }, groups.map(([key, heading, told]) => group(record, key, heading, told, open)));
}

function group(record, key, heading, told, open) {
  const rest = told.slice(SHOWN[key]);
  const more = SHOWN[key] ? `${rest.length} older` : `Show ${rest.length}`;
  return el(
    "section",
    { class: key },
    el("h3", {}, `${heading} (${told.length})`),
    el("ul", {}, told.slice(0, SHOWN[key]).map((claim) => testimony(record, claim))),
    rest.length ? unfolding({ "data-key": key }, more, open.has(key), () => el("ul", {}, rest.map((claim) => testimony(record, claim)))) : null,
  );
}

/** Return what unfolds at a click; it is made only then, since a day goes by faster without. */
function unfolding(given, summary, open, make) {
  const folded = el("details", { ...given, open }, el("summary", {}, summary));
  const fill = () => folded.open && folded.childElementCount === 1 && folded.append(...[make()].flat());
  folded.addEventListener("toggle", fill);
  fill();
  return folded;
}

/** Return one claim: who, of which day, when reported, in our words and in the document's. */
function testimony(record, claim) {
  const source = record.sources[claim.source];
  const voice = [sideOf(record, source), claim.confidence, claim.against ? "against the speaker's own side" : null];
  const weighed = claim.informed === undefined ? null : `weight ${Math.round(claim.informed * 100)} %`;
  const reported = claim.reported ? `, reported ${claim.reported}` : "";
  const cites = claim.cites ?? [];
  const quote = (cite) => cite in record.addresses ? reference(record, cite) : el("blockquote", {}, atLength("p", {}, `“${record.quotes[cite]}”`, emphasised), el("cite", {}, `${record.documents[cite.split(":")[0]]}, ${cite}`));
  return el(
    "li",
    { "data-claim": claim.id },
    el("p", { class: "who" }, el("strong", {}, source.name), ` (${[...voice, weighed].filter(Boolean).join(", ")})`),
    el("p", { class: "when" }, el("span", {}, `of ${claim.when}${reported}`), claim.about ? ` · ${claim.about}` : ""),
    claim.note ? atLength("p", { class: "note" }, claim.note) : claim.says ? el("p", { class: "note" }, `${claim.kind}: ${statusWord(record, record.statuses.indexOf(claim.says))}`) : null,
    cites.slice(0, 1).map(quote),
    cites.length > 1 ? unfolding({ class: "more" }, `${cites.length - 1} more ${cites.some((cite) => cite in record.addresses) ? "reference" : "sentence"}${cites.length > 2 ? "s" : ""} cited`, false, () => cites.slice(1).map(quote)) : null,
  );
}

/** Return a citation of a page of the web, a DOI, a book, a document that is elsewhere: a link where it has an address, which is followed on a click alone. */
function reference(record, cite) {
  const address = record.addresses[cite];
  const title = record.documents[cite.split(":")[0]];
  const shown = title ? `${title}, ${cite}` : cite;
  const linked = /^https?:/.test(address) ? el("a", { href: address, rel: "noreferrer noopener", target: "_blank" }, shown) : shown;
  return el("p", { class: "cited" }, el("cite", {}, linked));
}

/** Return words with their head alone where they are many; the rest unfolds. */
function atLength(name, given, words, shown = (part) => part) {
  if (words.length <= MOST_LETTERS) return el(name, given, shown(words));
  const cut = words.lastIndexOf(" ", MOST_LETTERS);
  const at = cut > MOST_LETTERS / 2 ? cut : MOST_LETTERS;
  return el("div", given, el("p", {}, shown(words.slice(0, at)), " …"), unfolding({ class: "more" }, `The rest: ${words.length - at} letters more`, false, () => el(name, {}, shown(words.slice(at)))));
}

/** Return a document's words, with what it sets between asterisks in italics. */
const emphasised = (words) => words.split(/\*([^*]+)\*/).map((part, i) => (i % 2 ? el("em", {}, part) : part));

/** Write the table of the day, of places that have something to tell. */
export function showTable(record, telling, day, host) {
  const head = ["Place", "Status", ...record.statuses.map((_, s) => statusName(record, s)), "Last report"];
  const rows = record.map.places.flatMap((place, i) => {
    if (place.gateway || i > 2000) return [];
    const { status, belief } = believed(record, telling, i, day);
    const silent = silentDays(telling, i, day);
    const shares = belief.map((share) => el("td", { class: "number" }, status === UNKNOWN ? "–" : percent(share)));
    const last = silent === null ? "never" : silent === 0 ? "this day" : `${silent} d ago`;
    return [el("tr", {}, el("th", { scope: "row" }, place.name), el("td", {}, statusName(record, status)), shares, el("td", {}, last))];
  });
  host.setAttribute("aria-label", "Table of the day");
  host.replaceChildren(el("table", {}, el("thead", {}, el("tr", {}, head.map((text) => el("th", { scope: "col" }, text)))), el("tbody", {}, rows)));
}

/** Write what changed on a day and who says so; a click on an event chooses its first place. */
export function showCaption(events, host, pick) {
  if (!events.length) return host.replaceChildren(el("p", { class: "none" }, "No change reported."));
  const line = (event) => el("li", {}, event.places.length ? el("button", { type: "button", onclick: () => pick(event.places[0]) }, event.text) : event.text, event.by ? el("span", { class: "by" }, ` ${event.by}`) : null);
  return host.replaceChildren(el("ul", {}, events.map(line)));
}

/** Write the chapters; return a function that marks the one that a day lies in. */
export function makeChapters(record, host, seek, label) {
  const buttons = record.chapters.map(([day, text]) => el("button", { type: "button", onclick: () => seek(day) }, el("time", {}, label(day)), ` ${text}`));
  host.hidden = !buttons.length;
  host.querySelector("ol").replaceChildren(...buttons.map((button) => el("li", {}, button)));
  return (day) => {
    const current = record.chapters.findLastIndex(([first]) => first <= day);
    for (const [i, button] of buttons.entries()) {
      if (i === current) button.setAttribute("aria-current", "step");
      else button.removeAttribute("aria-current");
    }
  };
}
