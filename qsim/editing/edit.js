// The page that edits a scenario: what is typed and marked goes to the server of this machine, which checks it and writes the files.

import { byId, el } from "../page/dom.js";
import { ask } from "./asking.js";
import { changing, cites, clear, field, fill, isTouched, makeForm, nameSource, offer, placeOf, rowOf, touch, wrong } from "./claim.js";
import { documentShown, listenTo, lookAt, marks, take } from "./document.js";
import { choose, closer, colour, drawing, legend, show, zoom } from "./map.js";

const EVERY_MS = 3000;
const QUIET_MS = 500;
const DONE = { delete: "Deleted", undo: "Taken back" };

let state = null;
let believed = null;
let corners = [];
let kept = [];
let quiet = 0;
let asked = 0;
let tries = 0;
let shownLast = 0;
let saves = 0;
let waiting = 0;
let last = Promise.resolve();
let unsaved = null;

const mode = () => document.querySelector("input[name=mode]:checked").value;
/** Show what stands in the files. */
async function refresh() {
  shownLast += 1;
  const mine = shownLast;
  const { ok, found } = await ask("state");
  if (mine !== shownLast) return;
  if (!ok) {
    byId("told").textContent = found.wrong;
    return;
  }
  const first = state === null;
  state = found;
  document.title = `${state.title} - qsim edit`;
  byId("title").textContent = state.title;
  byId("said").textContent = state.said || "Nothing: the scenario is sound.";
  byId("take-back").hidden = !state.undo;
  show(state, clicked);
  drawing([...kept.map((each) => each.outline), corners]);
  offer(state.names);
  if (first) makeForm(state);
  choose(field("place").value);
  claims();
  byId("legend").replaceChildren(...legend(state.sides));
  const day = byId("day");
  [day.min, day.max] = state.days;
  if (!day.value) [, day.value] = state.days;
  if (state.sound && believed) colour(believed, state.sides);
  documentShown(state.cited);
  held();
}

/** Colour the map by who held what on the day; an unsound scenario has no such day. What is believed takes a while, and nobody waits for it. */
async function held() {
  asked += 1;
  const mine = asked;
  if (!state.sound || !byId("day").value) return;
  byId("working").textContent = believed ? "" : "Who held what is being worked out ...";
  const { ok, found } = await ask(`held?day=${byId("day").value}`);
  if (mine !== asked) return;
  byId("working").textContent = "";
  if (ok) {
    believed = found.held;
    colour(believed, state.sides);
  } else byId("told").textContent = found.wrong;
}

/** Go to the first day that a claim speaks of, or the nearest that the scenario has. */
function goTo(day) {
  if (!day) return;
  const [first, final] = state.days;
  byId("day").value = day < first ? first : day > final ? final : day;
}

/** List the claims, or those that hold what is sought. */
function claims() {
  const sought = byId("find").value.trim().toLowerCase();
  const found = state.claims.filter((each) => `${each.said} ${each.note}`.toLowerCase().includes(sought));
  byId("claims").replaceChildren(...found.map(claim));
}

function claim(each) {
  const said = [`${each.row}: ${each.said}`, each.note ? el("small", {}, each.note) : null];
  const at = changing()?.row === each.row;
  return el("li", {}, each.fields ? el("button", { type: "button", "data-row": each.row, "aria-current": String(at), onclick: () => load(each) }, said) : said);
}

/** Put a claim of the record into the form, to be changed or deleted. */
function load(each) {
  setAside();
  fill(each.fields, each, false);
  wrong("");
  marks(state.cited);
  choose(field("place").value);
  lookAt(document.querySelector(".sentence.marked"));
  goTo(each.day);
  held();
}

/** Cite sentences; a single one that is cited already is taken out. */
function mark(sentences) {
  const there = cites();
  const names = sentences.map((each) => each.dataset.cite);
  const out = names.length === 1 && there.includes(names[0]);
  field("cites").value = (out ? there.filter((cite) => cite !== names[0]) : [...new Set([...there, ...names])]).join(";");
  touch();
  marks(state.cited);
  later();
}

function clicked(id, point) {
  if (mode() === "choose") {
    if (!id) return;
    field("place").value = id;
    choose(id);
    touch();
    later();
  } else {
    corners = mode() === "point" ? [point] : [...corners, point];
    if (mode() === "point") [byId("place-form").elements.lon.value, byId("place-form").elements.lat.value] = point;
    cornersShown();
  }
}

function cornersShown() {
  drawing([...kept.map((each) => each.outline), corners]);
  const names = kept.map((each) => each.name).join(", ");
  byId("corners").textContent = `${corners.length} corners of this sector. Kept: ${names || "none"}.`;
}

/** Check the claim in the form as soon as nothing is typed for a moment; an unfinished one is not called wrong. */
function later() {
  clearTimeout(quiet);
  tries += 1;
  const mine = tries;
  quiet = setTimeout(async () => {
    const row = rowOf(byId("claim-form"));
    if (state.fields.some((each) => each.required && !row[each.name])) {
      wrong("");
      return;
    }
    const { ok, found } = await ask("try", { row, at: changing() && placeOf(changing(), state.claims) });
    if (mine === tries) wrong(ok ? found.told : found.wrong);
  }, QUIET_MS);
}

/** Save when what is being saved is saved, and say what became of it; `body` is made then. */
function save(name, what, body) {
  waiting += 1;
  const mine = last.then(() => saved(name, what, body));
  last = mine.finally(() => {
    waiting -= 1;
  });
  return mine;
}

async function saved(name, what, body) {
  saves += 1;
  byId("told").textContent = `Saving: ${what} ...`;
  const { ok, found } = await ask(name, { ...body(), seen: state.seen });
  if (ok) goTo(found.day);
  await refresh();
  byId("told").textContent = ok ? `${DONE[name] ?? "Saved"}: ${what}. ${found.told}` : `Not saved: ${what}.`;
  return ok ? "" : found.wrong;
}

/** Save what a form holds; what is refused stays in it, beside the reason. */
async function saveForm(name, what, body) {
  byId(`${name}-wrong`).textContent = "";
  byId(`${name}-form`).inert = true;
  const why = await save(name, what, () => body);
  byId(`${name}-form`).inert = false;
  byId(`${name}-wrong`).textContent = why;
  return !why;
}

/** Save the claim in the form, which is free for the next one at once. */
async function saveClaim(event) {
  event.preventDefault();
  if (!isTouched()) {
    byId("told").textContent = "Nothing was typed or marked since the last claim was saved.";
    return;
  }
  const row = rowOf(byId("claim-form"));
  const of = changing();
  emptied();
  const why = await save("claim", `${row.place} ${row.kind}, ${row.start}`, () => ({ row, at: of ? (placeOf(of, state.claims) ?? -1) : null }));
  if (why) refused(row, of, why);
}

async function deleteClaim() {
  const of = changing();
  emptied();
  const why = await save("delete", `row ${of.row}`, () => ({ at: placeOf(of, state.claims) ?? -1 }));
  if (why) refused(of.fields, of, why);
}

function emptied() {
  clearTimeout(quiet);
  tries += 1;
  clear();
  wrong("");
  marks(state.cited);
}

/** Put a claim that was not saved back into the form; where the next one is being typed already, keep it beside. */
function refused(row, of, why) {
  if (isTouched() || changing()) {
    aside(row, of, why);
    return;
  }
  fill(row, of, true);
  marks(state.cited);
  wrong(why);
}

function aside(row, of, why) {
  unsaved = { row, of };
  byId("refused").hidden = false;
  byId("refused-told").textContent = `Not saved: ${[row.place, row.kind, row.start].filter(Boolean).join(", ")}. ${why}`;
}

/** Keep what is typed beside, before something else is put into the form. */
function setAside() {
  if (isTouched() && (field("cites").value || field("note").value)) aside(rowOf(byId("claim-form")), changing(), "It was set aside.");
}

function refill() {
  const { row, of } = unsaved;
  byId("refused").hidden = true;
  setAside();
  fill(row, of, true);
  marks(state.cited);
  later();
}

async function takeBack() {
  const why = await save("undo", "the last change of a claim", () => ({}));
  if (why) byId("told").textContent = why;
}

async function savePlace(event) {
  event.preventDefault();
  const row = rowOf(byId("place-form"));
  if (!(await saveForm("place", row.name, { row }))) return;
  byId("place-form").reset();
  corners = [];
  cornersShown();
}

async function saveSource(event) {
  event.preventDefault();
  const row = rowOf(byId("source-form"));
  if (!(await saveForm("source", row.name, { row }))) return;
  byId("source-form").reset();
  later();
}

/** Keep the sector that is drawn until all are saved; say what it lacks. */
function keep() {
  const { name } = byId("sectors-form").elements;
  const lacks = corners.length < 3 || !name.value.trim();
  byId("sectors-wrong").textContent = lacks ? "a sector needs a name and three corners or more" : "";
  if (lacks) return false;
  kept = [...kept, { name: name.value.trim(), outline: corners }];
  corners = [];
  name.value = "";
  cornersShown();
  return true;
}

async function saveSectors(event) {
  event.preventDefault();
  if ((corners.length || !kept.length) && !keep()) return;
  const { city } = rowOf(byId("sectors-form"));
  if (!(await saveForm("sectors", `${kept.length} sectors of ${city}`, { city, parts: kept }))) return;
  byId("sectors-form").reset();
  kept = [];
  cornersShown();
}

function moded() {
  byId("place-form").hidden = mode() !== "point";
  byId("sectors-form").hidden = mode() !== "outline";
  corners = [];
  cornersShown();
}

/** Look whether another program has changed the files, and show what they hold now. */
async function watch() {
  const mine = saves;
  const { ok, found } = waiting ? { ok: false } : await ask("seen");
  // What was asked before a save of one's own, and is answered after it, is no news.
  if (ok && !waiting && mine === saves && JSON.stringify(found) !== JSON.stringify(state.seen)) {
    await refresh();
    byId("told").textContent = "The files have changed, and are shown as they are now.";
  }
  setTimeout(watch, EVERY_MS);
}

function listen() {
  byId("claim-form").addEventListener("submit", saveClaim);
  byId("claim-form").addEventListener("input", () => {
    touch();
    marks(state.cited);
    later();
  });
  byId("delete").addEventListener("click", deleteClaim);
  byId("leave").addEventListener("click", emptied);
  byId("refill").addEventListener("click", refill);
  byId("take-back").addEventListener("click", takeBack);
  byId("name-source").addEventListener("click", nameSource);
  byId("find").addEventListener("input", claims);
  byId("place-form").addEventListener("submit", savePlace);
  byId("source-form").addEventListener("submit", saveSource);
  byId("sectors-form").addEventListener("submit", saveSectors);
  byId("keep").addEventListener("click", keep);
  byId("undo").addEventListener("click", () => {
    corners = corners.slice(0, -1);
    cornersShown();
  });
  for (const each of document.querySelectorAll("input[name=mode]")) each.addEventListener("change", moded);
  byId("in").addEventListener("click", () => closer(1.6, field("place").value || state.city));
  byId("out").addEventListener("click", () => closer(1 / 1.6));
  byId("all").addEventListener("click", () => zoom(0));
  byId("day").addEventListener("change", held);
  listenTo(mark);
}

async function open() {
  const { ok, found } = await ask("documents");
  if (ok) take(found);
  await refresh();
  if (!state) return;
  listen();
  document.querySelector("main").inert = false;
  byId("told").textContent = "";
  setTimeout(watch, EVERY_MS);
}

await open();
