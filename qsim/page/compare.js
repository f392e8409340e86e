// A second day or telling beside the first: the map is swiped from one to the other, what differs is outlined, and said in words.

import { byId, draw, el } from "./dom.js";
import { palette } from "./fills.js";
import { frontPath, paintCells, ringOf } from "./map.js";
import { forgetColours, makeRaster, paintRaster, placeRaster } from "./raster.js";
import { UNDECIDED, advance, cursorOf } from "./record.js";
import { dayOf, isoDay, longDay, statusName, switchNames } from "./words.js";

const MOST_TOLD = 30; // places that differ, in words; more are counted

const statusOf = (look) => (look >= UNDECIDED ? look : look >> 2);

/** Return the places whose status differs between two looks at all places: [{ place, here, there }]; of a city its parts count. */
export function differing(record, looks, others) {
  const cities = new Set(record.map.cities.map((city) => city.place));
  return record.map.places.flatMap((place, i) => {
    const [here, there] = [statusOf(looks[i]), statusOf(others[i])];
    return here === there || place.gateway || cities.has(i) ? [] : [{ place: i, here, there }];
  });
}

/** Return what a moment is called beside another: its day where the days differ, who tells it where the tellings do. */
function titles(record, one, other) {
  const names = switchNames(record.tellings.map((telling) => telling.name));
  const title = ({ day, told }) => [one.day === other.day ? null : longDay(record, day), one.told === other.told ? null : names[told]].filter(Boolean).join(", ") || longDay(record, day);
  return [title(one), title(other)];
}

/** Let a second day or telling be chosen, and swiped to. */
export function makeCompare(record, map, set) {
  const menu = { day: byId("with-day"), told: byId("with-told"), stop: byId("with-stop") };
  const state = { record, map, menu, swipe: byId("swipe"), made: null };
  Object.assign(menu.day, { min: isoDay(record, 0), max: isoDay(record, record.days - 1) });
  const names = switchNames(record.tellings.map((telling) => telling.name));
  menu.told.append(el("option", { value: "" }, "the same"), ...names.map((name, i) => el("option", { value: i }, name)));
  menu.told.closest("label").hidden = names.length < 2;
  const choose = () => {
    const beside = { day: dayOf(record, menu.day.value), told: menu.told.value === "" ? null : Number(menu.told.value) };
    set({ beside: beside.day === null && beside.told === null ? null : beside }, { chosen: true });
  };
  menu.day.addEventListener("change", choose);
  menu.told.addEventListener("change", choose);
  menu.stop.addEventListener("click", () => set({ beside: null }, { chosen: true }));
  state.swipe.addEventListener("input", () => part(state));
  return state;
}

/** Show the second moment beside the first, or the first alone. Return the places that differ, or null. */
export function showCompare(state, { beside, day, told, looks }) {
  const { record, menu } = state;
  menu.day.value = beside?.day === null || !beside ? "" : isoDay(record, beside.day);
  menu.told.value = beside?.told ?? "";
  menu.stop.hidden = !beside;
  byId("swiped").hidden = !beside;
  document.body.classList.toggle("comparing", beside !== null);
  if (!beside) {
    take(state);
    return null;
  }
  const [one, other] = [{ day, told }, { day: beside.day ?? day, told: beside.told ?? told }];
  const others = looksOn(state, other);
  const found = differing(record, looks, others);
  lay(state, other, others, found);
  const [left, right] = titles(record, one, other);
  byId("swiped-left").textContent = left;
  byId("swiped-right").textContent = right;
  part(state);
  return { found, left, right };
}

/** Return how all places look at a moment. */
function looksOn(state, { day, told }) {
  if (state.told !== told) Object.assign(state, { told, cursor: cursorOf(state.record, state.record.tellings[told]) });
  return advance(state.cursor, day);
}

/** Make what shows the second moment: once, when it is first asked for. */
function made(state) {
  if (state.made) return state.made;
  const { record, map } = state;
  const { layers, svg } = map;
  const [left, right] = ["left", "right"].map((side) => draw("clipPath", { id: `swipe-${side}` }, draw("rect", { y: 0, height: map.map.height })));
  const cells = record.map.places.map((place, i) => (place.cell ? draw("path", { d: place.cell, "data-place": i }) : null));
  const ground = draw("g", { class: "cells other", "clip-path": "url(#swipe-right)" }, cells.filter(Boolean));
  const lines = draw("g", { class: "other", "clip-path": "url(#swipe-right)" }, draw("g", { class: "front" }, draw("path", { class: "casing" }), draw("path", { class: "line" })), draw("g", { class: "ring" }));
  const differs = draw("g", { class: "differs" }, draw("path"));
  const edge = draw("path", { class: "edge" });
  svg.querySelector("defs").append(left, right);
  layers.cells.after(ground, differs);
  layers.ring.after(lines, edge);
  const raster = map.raster ? makeRaster(record, map.host) : null;
  if (raster) map.svg.before(raster.canvas);
  state.made = { left, right, ground, lines, differs, edge, raster, cells, codes: new Int16Array(cells.length).fill(-1), fills: palette(record) };
  map.others = raster;
  return state.made;
}

/** Lay the second moment over the first, and outline what differs. */
function lay(state, { day, told }, others, found) {
  const { record, map } = state;
  const { lines, differs, raster, ...painted } = made(state);
  if (raster) paintRaster(raster, others);
  else paintCells({ ...painted, where: "map" }, others);
  const d = frontPath(map, others);
  for (const path of lines.querySelectorAll(".front path")) path.setAttribute("d", d);
  const { ring } = record.tellings[told];
  lines.querySelector(".ring").replaceChildren(...(ring?.drawn ? ringOf(ring.drawn[ring.days[day]]) : []));
  lines.querySelector(".front").classList.toggle("behind", Boolean(ring?.drawn));
  const outline = found.map(({ place }) => record.map.places[place].cell ?? "").join("");
  for (const path of differs.children) path.setAttribute("d", outline);
  for (const layer of Object.values(state.made)) if (layer instanceof Element) layer.removeAttribute("display");
}

/** Part the map where the slider stands: the first moment to its left, the second to its right. */
function part(state) {
  const { map, swipe } = state;
  if (!state.made) return;
  const { left, right, edge, raster } = state.made;
  const { width, height } = map.map;
  const seen = { from: Math.max(0, map.window.x), to: Math.min(width, map.window.x + map.window.width) };
  const x = seen.from + ((seen.to - seen.from) * Number(swipe.value)) / 100;
  left.firstChild.setAttribute("width", x);
  right.firstChild.setAttribute("x", x);
  right.firstChild.setAttribute("width", width - x);
  edge.setAttribute("d", `M${x},0V${height}`);
  for (const layer of ["front", "ring", "routes", "rings"]) map.layers[layer].setAttribute("clip-path", "url(#swipe-left)");
  if (!raster) return;
  placeRaster(raster, map);
  raster.canvas.style.clipPath = `inset(0 0 0 ${(100 * x) / width}%)`;
}

/** Take the second moment away. */
function take({ map, made: laid }) {
  if (!laid) return;
  for (const layer of [laid.ground, laid.lines, laid.differs, laid.edge]) layer.setAttribute("display", "none");
  for (const layer of ["front", "ring", "routes", "rings"]) map.layers[layer].removeAttribute("clip-path");
  if (laid.raster) laid.raster.canvas.style.clipPath = "inset(100%)";
}

/** Forget the colours of the theme. */
export function forgetCompared({ made: laid }) {
  if (laid?.raster) forgetColours(laid.raster);
}

/** Write in words what differs: how many places, and each with what it is on the left and on the right. */
export function writeCompared(record, { found, left, right }, host, pick) {
  const shown = found.slice(0, MOST_TOLD);
  const count = found.length === 0 ? "No place differs" : found.length === 1 ? "One place differs" : `${found.length} places differ`;
  const row = ({ place, here, there }) => el("li", {}, el("button", { type: "button", onclick: () => pick(place) }, record.map.places[place].name), `${statusName(record, here)} | ${statusName(record, there)}`);
  host.replaceChildren(
    el("p", {}, el("strong", {}, `${count} between ${left} (left) and ${right} (right).`)),
    el("ul", { class: "compared" }, shown.map(row)),
    found.length > shown.length ? el("p", {}, `And ${found.length - shown.length} more.`) : "",
  );
}
