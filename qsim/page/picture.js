// The map as it is seen, as a file of its own: an SVG that needs no page, or a PNG; with the day, who tells it, and whose words and points it uses.

import { draw } from "./dom.js";

const KEPT = ["fill", "fill-opacity", "stroke", "stroke-width", "stroke-opacity", "stroke-dasharray", "stroke-linejoin", "stroke-linecap", "vector-effect", "paint-order", "font-weight", "font-style", "letter-spacing", "opacity", "mix-blend-mode"];
const TEXT = ["font-size", "text-anchor"];
const FINER = 2; // pixels of a PNG a pixel of the screen
const HEAD_PX = 50; // above the map, for the title and the day
const LINE_PX = 15;
const LETTER_PX = 5.9; // of the notes below, on average

/** Return the map as an SVG of its own: `words` are its title, its day and its notes; colours are those of the theme that is on. */
export function pictureOf({ svg, raster, map, view, host }, { title, day, notes }) {
  const [wide, high] = [host.clientWidth, svg.clientHeight];
  const lines = folded(notes, Math.floor((wide - 24) / LETTER_PX));
  const legend = legendOf(wide);
  const foot = HEAD_PX + high + LINE_PX * legend.rows + 4;
  const tall = foot + 8 + LINE_PX * lines.length;
  const copy = svg.cloneNode(true);
  bake(svg, copy);
  for (const [name, value] of Object.entries({ x: 0, y: HEAD_PX, width: wide, height: high })) copy.setAttribute(name, value);
  copy.removeAttribute("style");
  if (raster) copy.querySelector(".cells").append(draw("image", { href: raster.canvas.toDataURL(), width: map.width, height: map.height, preserveAspectRatio: "none" }));
  const style = getComputedStyle(document.body);
  const text = (x, y, size, words, weight = 400) => draw("text", { x, y, "font-size": size, "font-weight": weight, fill: rgb(style.color) }, words);
  const whole = draw(
    "svg",
    { viewBox: `0 0 ${wide} ${tall}`, width: wide, height: tall, "font-family": style.fontFamily.replaceAll('"', "'"), role: "img" },
    draw("title", {}, `${title}, ${day}`),
    draw("rect", { width: wide, height: tall, fill: rgb(style.backgroundColor) }),
    text(12, 20, 15, title, 700),
    text(12, 40, 14, view.zoom === 1 ? day : `${day} (a part of the map)`),
    copy,
    legend.entries.flatMap(({ x, row, fill, name }) => [
      draw("rect", { x: 12 + x, y: HEAD_PX + high + LINE_PX * row + 2, width: 20, height: 10, fill, stroke: rgb(style.color), "stroke-width": 0.5 }),
      text(12 + x + 26, HEAD_PX + high + LINE_PX * row + 11, 11.5, name),
    ]),
    lines.map((line, i) => text(12, foot + LINE_PX * (i + 1), 11, line)),
  );
  return { text: new XMLSerializer().serializeToString(whole), wide, tall };
}

/** Return what the colours mean, as the legend has it, in rows of at most so many pixels. */
function legendOf(wide) {
  const found = { entries: [], rows: 1 };
  let x = 0;
  for (const item of document.querySelectorAll("#legend li:has(.swatch)")) {
    const taken = 26 + LETTER_PX * 1.1 * item.textContent.length + 16;
    if (x && x + taken > wide - 24) {
      x = 0;
      found.rows += 1;
    }
    const fill = rgb(getComputedStyle(item.querySelector("rect")).fill).replace("-small", "-map");
    found.entries.push({ x, row: found.rows - 1, fill, name: item.textContent });
    x += taken;
  }
  return found;
}

/** Return the picture as a PNG. */
export async function pngOf({ text, wide, tall }) {
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`;
  await image.decode();
  const canvas = Object.assign(document.createElement("canvas"), { width: wide * FINER, height: tall * FINER });
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((done) => canvas.toBlob(done, "image/png"));
}

/** Write what the page's style says of each element of a drawing into its copy; what is not seen goes. */
function bake(from, to) {
  for (const [i, child] of [...from.children].entries()) bake(child, to.children[i]);
  const style = getComputedStyle(from);
  if (style.display === "none" && !from.closest("defs, clipPath, title")) {
    to.replaceChildren();
    return;
  }
  to.removeAttribute("class");
  to.removeAttribute("data-place");
  to.removeAttribute("style");
  for (const name of from.localName === "text" ? [...KEPT, ...TEXT] : KEPT) {
    const value = style.getPropertyValue(name);
    if (value && !from.matches("svg, g, defs, title")) to.setAttribute(name, name === "fill" || name === "stroke" ? rgb(value) : value);
  }
}

/** Return a colour as every program reads it; a pattern stays one. */
function rgb(value) {
  const mixed = /^color\(srgb ([\d.e-]+) ([\d.e-]+) ([\d.e-]+)/.exec(value);
  if (mixed) return `rgb(${mixed.slice(1, 4).map((each) => Math.round(255 * Number(each))).join(", ")})`;
  return value.replaceAll('"', "");
}

/** Return a text in lines of at most so many letters. */
function folded(text, most) {
  const lines = [""];
  for (const word of text.split(/\s+/)) {
    if (lines.at(-1) && lines.at(-1).length + word.length >= most) lines.push("");
    lines[lines.length - 1] += (lines.at(-1) ? " " : "") + word;
  }
  return lines;
}
