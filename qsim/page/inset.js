// The city enlarged: its parts in their colours, its buildings, and names that can be read; what has no room is a number, told below.

import { draw, el } from "./dom.js";
import { palette, patterns, scalePatterns } from "./fills.js";
import { widthOf } from "./labels.js";
import { paintCells } from "./map.js";

const COORDINATES = 3; // letters and digits of the name of a square
const SIZES_PX = [13, 12, 11, 10];
const NUMBER_PX = 12;
const MOST_LINES = 3;
const ROW = 1.15; // height of a line, in sizes of its type
const SHIFTS = [0, -0.8, 0.8, -1.6, 1.6]; // lines by which a name may stand above or below its middle
const ROOM = 1.1; // how much wider than its part a name in words may be

/** Make the picture of a city; `pick(place)` is called at a click. */
export function makeInset(record, city, pick) {
  const [west, north, east, south] = city.box;
  const cells = record.map.places.map((place, i) => (city.parts.includes(i) && place.cell ? draw("path", { d: place.cell, "data-place": i }) : null));
  const size = (east - west) / 14;
  const houses = record.map.places.flatMap((place, i) => (place.within !== undefined && city.parts.includes(place.within) ? [i] : []));
  const shapes = cells.filter(Boolean);
  for (const i of houses) {
    const { x, y, name } = record.map.places[i];
    cells[i] = draw("circle", { cx: x, cy: y, r: size * 0.32, "data-place": i }, draw("title", {}, name));
  }
  const names = draw("g", { class: "names" });
  const numbered = el("p", { class: "small numbered" });
  const svg = draw(
    "svg",
    { class: "inset", viewBox: `${west} ${north} ${east - west} ${south - north}`, role: "img", "aria-label": "The city enlarged" },
    patterns(record, "inset"),
    draw("g", { class: "cells" }, shapes),
    draw("g", { class: "rings" }),
    draw("g", { class: "buildings" }, houses.map((i) => cells[i])),
    names,
  );
  svg.addEventListener("click", (event) => {
    const hit = event.target.closest?.("[data-place]");
    if (hit) pick(Number(hit.dataset.place));
  });
  const inWords = city.short.some((name) => name.length > COORDINATES);
  if (!inWords) names.append(...city.parts.map((i, n) => cornerName(record.map.places[i], city.short[n], size)));
  const fit = () => {
    const scale = (svg.clientWidth || 200) / (east - west);
    scalePatterns(svg, scale);
    if (inWords) writeNames({ names, numbered, scale, frame: city.box.map((each) => each * scale) }, city.parts.map((i, n) => partOf(record.map.places[i], city.short[n], scale)));
  };
  new ResizeObserver(fit).observe(svg);
  return { svg, numbered, cells, codes: new Int16Array(cells.length).fill(-1), fills: palette(record), where: "inset", size };
}

/** Show how the parts and buildings look on a day, and which of them changed. */
export function paintInset(inset, record, parts, looks, changed) {
  paintCells(inset, looks);
  const rings = changed.filter((i) => parts.includes(i)).map((i) => draw("circle", { cx: record.map.places[i].x, cy: record.map.places[i].y, r: inset.size * 0.8 }));
  inset.svg.querySelector(".rings").replaceChildren(...rings);
}

/** Return the box around a place's shape: left, top, right, bottom. */
function extent(place) {
  const numbers = (place.cell ?? "").match(/-?[\d.]+/g)?.map(Number) ?? [place.x, place.y];
  const [xs, ys] = [0, 1].map((axis) => numbers.filter((_, i) => i % 2 === axis));
  return [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
}

/** Return the coordinates of a square, in its corner. */
function cornerName(place, name, size) {
  const [x0, y0] = extent(place);
  return draw("text", { x: x0 + size * 0.25, y: y0 + size * 1.05, "font-size": size, "stroke-width": size * 0.22 }, name);
}

/** Return a part with its name, its middle and its room, in pixels. */
function partOf(place, name, scale) {
  const [x0, y0, x1, y1] = extent(place).map((each) => each * scale);
  return { name, x: place.x * scale, y: place.y * scale, wide: x1 - x0, high: y1 - y0 };
}

/** Write the names that have room, the smallest parts first; of the others their numbers, and below the picture what they are called. */
function writeNames({ names, numbered, scale, frame }, parts) {
  const taken = [];
  const [ranked, without] = [[...parts].sort((a, b) => a.wide * a.high - b.wide * b.high), []];
  const placed = ranked.map((part) => {
    const found = namePlaced(part, frame, taken);
    if (found) taken.push(found.box);
    else without.push(part);
    return found;
  });
  const listed = parts.filter((part) => without.includes(part));
  const numbers = listed.map((part, i) => namePlaced({ ...part, wide: Infinity, high: Infinity, name: String(i + 1) }, frame, taken, [NUMBER_PX]) ?? numberAt(part, i + 1));
  names.replaceChildren(...[...placed.filter(Boolean), ...numbers].map((each) => written(each, scale)));
  numbered.replaceChildren(...listed.map(({ name }, i) => el("span", {}, el("strong", {}, `${i + 1}`), ` ${name}`)));
}

const numberAt = ({ x, y }, number) => ({ lines: [String(number)], px: NUMBER_PX, x, y, box: [x, y, x, y] });

/** Return a name where it can be read within its part, in few lines of large letters, clear of others; null where it cannot. */
function namePlaced({ name, x, y, wide, high }, frame, taken, sizes = SIZES_PX) {
  for (const px of sizes) {
    for (const lines of linesOf(name)) {
      const half = [Math.max(...lines.map((line) => widthOf(line, px, "major"))) / 2 + 2, (lines.length * px * ROW) / 2];
      if (2 * half[0] > wide * ROOM || 2 * half[1] > high * ROOM) continue;
      for (const shift of SHIFTS) {
        const middle = y + shift * px;
        const inside = Math.min(frame[2] - half[0], Math.max(frame[0] + half[0], x));
        const box = [inside - half[0], middle - half[1], inside + half[0], middle + half[1]];
        if (box[0] >= frame[0] && box[1] >= frame[1] && box[2] <= frame[2] && box[3] <= frame[3] && !taken.some((other) => box[0] < other[2] && other[0] < box[2] && box[1] < other[3] && other[1] < box[3])) return { lines, px, x: inside, y: middle, box };
      }
    }
  }
  return null;
}

/** Return a name in one line, in two, in three, each as even as its words let it. */
function linesOf(name) {
  const words = name.split(/\s+/);
  const found = [[name]];
  for (let count = 2; count <= Math.min(MOST_LINES, words.length); count++) {
    const least = name.length / count;
    const lines = [""];
    for (const word of words) {
      if (lines.at(-1) && lines.at(-1).length + word.length / 2 > least && lines.length < count) lines.push("");
      lines[lines.length - 1] += (lines.at(-1) ? " " : "") + word;
    }
    found.push(lines);
  }
  return found;
}

function written({ lines, px, x, y }, scale) {
  const first = y - ((lines.length - 1) * px * ROW) / 2;
  return draw("text", { "font-size": px / scale, "stroke-width": 3 / scale, "text-anchor": "middle" }, lines.map((line, i) => draw("tspan", { x: x / scale, y: (first + i * px * ROW) / scale, dy: "0.35em" }, line)));
}
