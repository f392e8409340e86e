// Finding a place by its name: by its stem, by other spellings, in any script; a list that the keys walk.

import { byId, el } from "./dom.js";

const MOST_SHOWN = 60;
const LEAST_SOUND = 2; // letters that must be left to look a name up by its sound
const ALPHABET = new Intl.Collator("en", { numeric: true });
const ARTICLES = new Set("al el ad adh an ar as ash at az the".split(" "));

/** Return a name as it is compared: no case, no marks, no apostrophes; every form of a letter of the Arabic script is one; articles left out. */
export function stem(name) {
  const plain = name.normalize("NFD").replace(/\p{M}|ـ/gu, "").toLowerCase().replace(/['’‘ʿʾ`´]/g, "");
  const one = plain.replace(/ٱ/g, "ا").replace(/ى/g, "ي").replace(/ة/g, "ه");
  const words = one.split(/[^\p{L}\p{N}]+/u).filter(Boolean).map((word) => word.replace(/^ال(?=..)/, ""));
  const rest = words.filter((word) => !ARTICLES.has(word));
  return (rest.length ? rest : words).join(" ");
}

/** Return how a stem sounds: consonants alone, those that are written one way or another as one. */
export function sound(stemmed) {
  const alike = stemmed.replace(/[dgkst]h/g, (pair) => pair[0]).replace(/ph/g, "f").replace(/[cq]/g, "k").replace(/[aeiouywh ]/g, "");
  return alike.replace(/(.)\1+/gu, "$1");
}

/** Return how well a name fits what is sought, 0 the best, or null where it does not. */
function fitOf(name, sought) {
  if (name === sought) return 0;
  if (name.startsWith(sought)) return 1;
  if (name.includes(` ${sought}`)) return 2;
  if (name.includes(sought)) return 3;
  const [heard, own] = [sound(sought), sound(name)];
  return heard.length < LEAST_SOUND || !own.startsWith(heard) ? null : own === heard ? 4 : 5;
}

/** Return the places that have names, sorted: [{ place, name, ar, stems }]; of each name its stem. */
export function indexed(places) {
  const named = [...places.entries()].filter(([, each]) => !each.gateway);
  const entries = named.map(([place, { name, ar, also }]) => ({ place, name, ar, names: [name, ...(ar ? [ar] : []), ...(also ?? [])].map((each) => [each, stem(each)]) }));
  return entries.sort((a, b) => ALPHABET.compare(a.name, b.name));
}

/** Return the places that a text may mean, the likeliest first: [{ place, name, ar, by }], `by` the spelling that fits best; all for no text. */
export function search(index, text) {
  const sought = stem(text);
  if (!sought) return index.map((each) => ({ ...each, by: each.name }));
  const found = index.flatMap((each) => {
    const fits = each.names.map(([spelling, stemmed], i) => [fitOf(stemmed, sought), spelling, i > 0]).filter(([how]) => how !== null);
    if (!fits.length) return [];
    const [how, by, second] = fits.reduce((best, other) => (other[0] < best[0] ? other : best));
    return [{ ...each, how: 2 * how + Number(second), by }];
  });
  return found.sort((a, b) => a.how - b.how);
}

/** Make the box with its list; `pick(place or null)` is called when one is chosen. Return a function that writes the chosen place. */
export function makeSearch(record, pick) {
  const box = byId("place");
  const list = byId("found");
  const state = { box, list, places: record.map.places, index: null, options: [], at: -1, place: null, pick };
  box.addEventListener("input", () => (box.value.trim() ? openList(state, box.value) : takeFrom(state, null)));
  box.addEventListener("click", () => state.options.length || openList(state, ""));
  box.addEventListener("keydown", (pressed) => walkList(state, pressed));
  box.addEventListener("blur", () => closeList(state));
  list.addEventListener("pointerdown", (event) => event.preventDefault()); // the box keeps the focus
  list.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]");
    if (option) takeFrom(state, state.options[[...list.children].indexOf(option)].place);
  });
  return (place) => {
    state.place = place;
    closeList(state);
  };
}

function openList(state, text) {
  const { box, list } = state;
  state.index ??= indexed(state.places); // once, when somebody first seeks
  const found = search(state.index, text);
  state.options = found.slice(0, MOST_SHOWN);
  list.replaceChildren(...state.options.map(optionOf));
  list.hidden = !state.options.length;
  list.scrollTop = 0;
  box.setAttribute("aria-expanded", String(!list.hidden));
  byId("found-count").textContent = found.length === 1 ? "1 place" : `${found.length || "No"} places${found.length > MOST_SHOWN ? `; the first ${MOST_SHOWN} are listed` : ""}`;
  pointAt(state, text.trim() && state.options.length ? 0 : -1);
}

/** Return a name without the marks that set it apart. */
const bare = (name) => name.replace(/[\u2066-\u2069]/g, "");

function optionOf({ name, ar, by }, i) {
  const other = bare(by) === bare(name) || by === ar ? null : el("small", {}, ` ${by}`);
  return el("li", { role: "option", id: `found-${i}`, "aria-selected": "false" }, el("span", {}, name, other), ar && bare(ar) !== bare(name) ? el("span", { lang: "ar", dir: "rtl" }, ar) : null);
}

/** Point at an option, or none. */
function pointAt(state, at) {
  state.at = at;
  for (const [i, option] of [...state.list.children].entries()) option.setAttribute("aria-selected", String(i === at));
  if (at < 0) return state.box.removeAttribute("aria-activedescendant");
  state.box.setAttribute("aria-activedescendant", `found-${at}`);
  return state.list.children[at].scrollIntoView({ block: "nearest" });
}

function walkList(state, pressed) {
  const { options, at, box } = state;
  const ends = { ArrowDown: 1, ArrowUp: -1 };
  if (pressed.key in ends) {
    pressed.preventDefault();
    if (!options.length) openList(state, "");
    const count = state.options.length;
    if (count) pointAt(state, (Math.max(at, ends[pressed.key] > 0 ? -1 : 0) + ends[pressed.key] + count) % count);
  } else if (pressed.key === "Enter" && at >= 0) takeFrom(state, options[at].place);
  else if (pressed.key === "Escape") {
    if (options.length) closeList(state);
    else takeFrom(state, null);
    box.select();
  }
}

function takeFrom(state, place) {
  state.place = place;
  closeList(state);
  state.pick(place);
}

/** Close the list; the box says which place is chosen. */
function closeList(state) {
  const { box, list, places, place } = state;
  state.options = [];
  list.hidden = true;
  list.replaceChildren();
  pointAt(state, -1);
  box.setAttribute("aria-expanded", "false");
  box.value = places[place]?.gateway ? "" : (places[place]?.name ?? "");
}
