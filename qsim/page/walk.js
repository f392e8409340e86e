// The map in words: arrow keys walk from place to place; each says who holds it, how sure that is, since when, and what lies around it.

import { byId, el } from "./dom.js";
import { choose } from "./map.js";
import { UNDECIDED, UNKNOWN, believed, countsOf, lastChange, silentDays } from "./record.js";
import { capital, longDay, percent, silence, statusName } from "./words.js";

export const DIRECTIONS = ["east", "south-east", "south", "south-west", "west", "north-west", "north", "north-east"];
const ARROWS = { ArrowRight: 0, ArrowDown: 2, ArrowLeft: 4, ArrowUp: 6 };
const EIGHTH = Math.PI / 4;
const SIDEWAYS = 1.5; // how much farther a place seems that lies aside of the way an arrow points

/** Return which eighth of the compass a place lies in, seen from another. */
export const directionOf = (from, to) => (Math.round(Math.atan2(to.y - from.y, to.x - from.x) / EIGHTH) + 8) % 8;

/** Return the places that may lie beside one, as positions: the parts of its city where it is one of them, and else no parts, no buildings. */
function peersOf(map, place) {
  const own = map.places[place].parent;
  const counts = (each, i) => i !== place && !each.gateway && each.within === undefined && i !== own && (each.parent === undefined || each.parent === own);
  return [...map.places.keys()].filter((i) => counts(map.places[i], i));
}

const apart = (a, b) => Math.hypot(a.x - b.x, a.y - b.y);

/** Return the nearest place in each eighth of the compass that has one: [{ place, direction, km }], from the east by the south. */
export function neighboursOf(map, place) {
  const here = map.places[place];
  const nearest = Array.from({ length: 8 }, () => null);
  for (const i of peersOf(map, place)) {
    const away = apart(here, map.places[i]);
    const direction = directionOf(here, map.places[i]);
    if (away > 0 && (!nearest[direction] || away < nearest[direction].away)) nearest[direction] = { place: i, away };
  }
  return nearest.flatMap((found, direction) => (found ? [{ place: found.place, direction, km: found.away * map.km }] : []));
}

/** Return the place that an arrow leads to: the nearest in its quarter, those straight ahead before those aside; null where there is none. */
export function nextTo(map, place, direction) {
  const here = map.places[place];
  let best = { place: null, cost: Infinity };
  for (const i of peersOf(map, place)) {
    const there = map.places[i];
    const turn = Math.atan2(there.y - here.y, there.x - here.x) - direction * EIGHTH;
    const aside = Math.abs(Math.atan2(Math.sin(turn), Math.cos(turn)));
    const cost = apart(here, there) * (1 + SIDEWAYS * aside);
    if (cost > 0 && aside <= EIGHTH + 1e-9 && cost < best.cost) best = { place: i, cost };
  }
  return best.place;
}

/** Return a distance in words. */
export const farOff = (km) => `${km < 10 ? km.toFixed(1) : Math.round(km)} km`;

/** Return who holds a place on a day and how sure that is. */
export function holding(record, telling, place, day) {
  const { status, belief } = believed(record, telling, place, day);
  if (status === UNKNOWN) return "unknown";
  if (status === UNDECIDED) return `undecided (${belief.map((share, s) => `${statusName(record, s)} ${percent(share)}`).join(", ")})`;
  const sure = record.map.cities.some((city) => city.place === place) ? "" : `, ${percent(belief[status])}`;
  return status < record.sides.length ? `held by ${statusName(record, status)}${sure}` : `contested${sure}`;
}

/** Return a place in words: who holds it, how sure, since when, when it was last spoken of. */
export function placeInWords(record, telling, place, day) {
  const { name, kind } = record.map.places[place];
  const since = lastChange(record, telling, place, day);
  const never = since === null && believed(record, telling, place, day).status === UNKNOWN;
  const from = never ? "" : since === null ? `, since ${longDay(record, 0)} or before` : `, since ${longDay(record, since)}`;
  return `${name}, ${kind.replaceAll("_", " ")}: ${holding(record, telling, place, day)}${from}.${partsInWords(record, telling, place, day)} ${silence(silentDays(telling, place, day))}`;
}

/** Return how many parts of a city are of each status, or nothing where a place has none. */
function partsInWords(record, telling, place, day) {
  const city = record.map.cities.find((each) => each.place === place);
  if (!city) return "";
  const names = [...record.statuses.map((_, s) => statusName(record, s)), "undecided", "unknown"];
  const counts = countsOf(record, telling, city.parts, day).flatMap((count, s) => (count ? [`${count} ${names[s]}`] : []));
  return ` Of its ${city.parts.length} ${city.kind}s: ${counts.join(", ")}.`;
}

/** Return what lies around a place in words. */
export function aroundInWords(record, telling, place, day) {
  const each = ({ place: there, direction, km }) => `${capital(DIRECTIONS[direction])}, ${farOff(km)}: ${record.map.places[there].name}, ${holding(record, telling, there, day)}.`;
  return neighboursOf(record.map, place).map(each).join(" ");
}

/** Return what lies around a place as a list; a click chooses a neighbour. */
export function aroundList(record, telling, place, day, pick) {
  const row = ({ place: there, direction, km }) =>
    el("li", {}, el("button", { type: "button", onclick: () => pick(there) }, `${capital(DIRECTIONS[direction])}, ${farOff(km)}: ${record.map.places[there].name}`), ` ${holding(record, telling, there, day)}`);
  return el("ul", { class: "around" }, neighboursOf(record.map, place).map(row));
}

/** Let the keys walk the map while the map in words has the focus; `now()` is the telling and the day. Return a function that tells the place anew. */
export function makeWalk(record, map, now, pick) {
  const host = byId("walk");
  const said = byId("walk-said");
  const state = { record, map, host, said, now, at: null };
  host.addEventListener("focus", () => arrive(state, map.chosen ?? state.at ?? firstOf(record)));
  host.addEventListener("blur", () => {
    said.textContent = "";
    choose(map, state.kept ?? null);
  });
  host.addEventListener("keydown", (pressed) => {
    if (pressed.ctrlKey || pressed.metaKey || pressed.altKey || pressed.shiftKey) return;
    const act = pressed.key in ARROWS ? () => walk(state, ARROWS[pressed.key]) : { PageDown: () => into(state), PageUp: () => outOf(state), Enter: () => pick(state.at) }[pressed.key];
    if (!act) return;
    pressed.preventDefault();
    pressed.stopPropagation();
    act();
  });
  return (chosen) => {
    state.kept = chosen;
    if (document.activeElement === host && state.at !== null) arrive(state, state.at);
  };
}

/** Return the place to begin with: the first city, else the first place that is no gateway. */
const firstOf = ({ map }) => map.cities[0]?.place ?? map.places.findIndex((place) => !place.gateway);

/** Come to a place, and say what it is. */
function arrive(state, place, before = "") {
  const { record, map, host, said, now } = state;
  const { telling, day } = now();
  state.at = place;
  choose(map, place);
  host.classList.toggle("above", record.map.places[place].y > map.window.y + map.window.height / 2);
  const words = [before + placeInWords(record, telling, place, day), aroundInWords(record, telling, place, day)];
  const text = words.join(" ");
  if (said.textContent !== text) said.replaceChildren(el("strong", {}, words[0]), ` ${words[1]}`);
}

function walk(state, direction) {
  const { record, at, said } = state;
  const there = nextTo(record.map, at, direction);
  if (there === null) {
    said.textContent = `Nothing lies farther ${DIRECTIONS[direction]} of ${record.map.places[at].name} on this map.`;
    return;
  }
  const km = apart(record.map.places[at], record.map.places[there]) * record.map.km;
  arrive(state, there, `${capital(DIRECTIONS[directionOf(record.map.places[at], record.map.places[there])])} of ${record.map.places[at].name}, ${farOff(km)}: `);
}

/** Go into the parts of a city, or out to it. */
function into(state) {
  const city = state.record.map.cities.find((each) => each.place === state.at);
  if (city) arrive(state, city.parts[0]);
}

function outOf(state) {
  const { parent, within } = state.record.map.places[state.at];
  if (parent !== undefined || within !== undefined) arrive(state, parent ?? within);
}
