// The controls and the keys: every one of them changes the player's state by its acts.

import { byId, el } from "./dom.js";
import { zoomBy } from "./map.js";
import { makeLegend } from "./panel.js";
import { nextEvent } from "./record.js";
import { makeSearch } from "./search.js";
import { endsOf, makeSpan } from "./span.js";
import { furnishTools } from "./tools.js";
import { LAYERS, switchNames } from "./words.js";

const SPEEDS = [1, 2, 4, 8, 16, 60];
const WEEK = 7;

const on = (id, name, act) => byId(id).addEventListener(name, act);
const step = ({ day, acts }, days) => acts.seek(day + days);
const toEvent = ({ record, told, day, acts }, direction) => acts.goTo(nextEvent(record.tellings[told], day, direction) ?? day);

const KEYS = {
  " ": (player) => player.acts.play(!player.playing),
  ArrowLeft: (player, shift) => step(player, shift ? -WEEK : -1),
  ArrowRight: (player, shift) => step(player, shift ? WEEK : 1),
  Home: (player) => player.acts.seek(endsOf(player)[0]),
  End: (player) => player.acts.seek(endsOf(player)[1]),
  n: (player) => toEvent(player, 1),
  b: (player) => toEvent(player, -1),
  "/": () => byId("place").focus(),
  "?": () => byId("keys").showModal(),
  Escape: ({ acts }) => acts.pick(null),
};

const STORY_KEYS = {
  ArrowLeft: ({ tale }) => tale.step(-1),
  ArrowRight: ({ tale }) => tale.step(1),
  b: ({ tale }) => tale.step(-1),
  n: ({ tale }) => tale.step(1),
  "?": KEYS["?"],
  Escape: ({ acts }) => acts.set({ story: false }, { chosen: true }),
};

/** Let the keys have their use. */
export function listen(player) {
  document.addEventListener("keydown", (pressed) => {
    const menu = pressed.key === "Escape" && document.querySelector(".menu[open]");
    if (menu) {
      menu.open = false;
      menu.querySelector("summary").focus();
      return;
    }
    const act = (player.story ? STORY_KEYS : KEYS)[pressed.key.length === 1 ? pressed.key.toLowerCase() : pressed.key];
    if (!act || pressed.ctrlKey || pressed.metaKey || pressed.altKey || document.querySelector("dialog[open]") || hasOwnUse(pressed)) return;
    pressed.preventDefault();
    act(player, pressed.shiftKey);
  });
}

/** Return whether the focused control needs the key for itself. */
function hasOwnUse({ key, target }) {
  if (target.matches("[type=text], [type=date], textarea")) return true;
  if (target.matches("select, [type=radio], #swipe")) return key.length > 1 || key === " ";
  return key === " " && target.matches("button, summary, [type=checkbox]");
}

/** Give every control its use, and write what does not change. */
export function furnish(player) {
  const { record, acts, map } = player;
  const range = byId("range");
  on("range", "input", () => acts.set({ day: Number(range.value) }, { dragged: true }));
  on("play", "click", () => acts.play(!player.playing));
  on("back", "click", () => step(player, -1));
  on("forward", "click", () => step(player, 1));
  on("previous", "click", () => toEvent(player, -1));
  on("next", "click", () => toEvent(player, 1));
  for (const folded of ["table", "toll"]) on(folded, "toggle", () => acts.set({}));
  on("help", "click", () => byId("keys").showModal());
  on("zoom-in", "click", () => zoomBy(map, 1.6));
  on("zoom-out", "click", () => zoomBy(map, 1 / 1.6));
  on("zoom-all", "click", () => zoomBy(map, 0));
  makeSpan(record, acts.set, acts.goTo);
  byId("speed").append(...SPEEDS.map((speed) => el("option", { value: speed, selected: speed === player.speed }, `${speed} d/s`)));
  on("speed", "change", () => acts.set({ speed: Number(byId("speed").value) }));
  furnishLayers(record, acts.set);
  furnishTools(player);
  player.markSearch = makeSearch(record, acts.pick);
  if (record.tellings.length > 1) furnishTellings(record, acts.set);
  makeLegend(record, byId("legend"));
  byId("notes").textContent = record.notes.filter(Boolean).join(" ");
}

/** Let layers of the map be left out. */
function furnishLayers(record, set) {
  const menu = byId("view");
  const layers = byId("layers");
  const left = () => [...layers.querySelectorAll("input:not(:checked)")].map((box) => box.value);
  const box = ([layer, name]) => el("label", {}, el("input", { type: "checkbox", checked: true, value: layer, onchange: () => set({ off: left() }) }), ` ${name}`);
  layers.append(...Object.entries(LAYERS).filter(([layer]) => layer !== "picture" || record.map.picture).map(box));
  const close = (event) => menu.open && !menu.contains(event.target) && (menu.open = false);
  document.addEventListener("pointerdown", close);
  document.addEventListener("focusin", close);
}

function furnishTellings(record, set) {
  const form = byId("tellings");
  form.hidden = false;
  const radio = (name, i) => el("label", {}, el("input", { type: "radio", name: "told", value: i, onchange: () => set({ told: i }, { chosen: true }) }), el("span", {}, name));
  form.firstElementChild.append(...switchNames(record.tellings.map((telling) => telling.name)).map(radio));
}
