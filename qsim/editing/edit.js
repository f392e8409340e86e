// The page that edits a scenario: what is typed and marked goes to the server of this machine, which checks it and writes the files.

import { byId, el } from "../page/dom.js";
import { choose, colour, drawing, legend, show, zoom } from "./map.js";

const FIRST = ["place", "kind", "side", "start", "source", "cites", "note"];
const WIDE = new Set(["cites", "note"]);
const EVERY_MS = 3000;
const QUIET_MS = 500;

let state = null;
let texts = [];
let corners = [];
let kept = [];
let quiet = 0;
let asked = 0;

async function ask(name, body) {
  const given = body ? { method: "POST", body: JSON.stringify(body), headers: { "Content-Type": "application/json" } } : {};
  let answer = null;
  try {
    answer = await fetch(name, given);
  } catch {
    return { ok: false, found: { wrong: "qsim does not answer: is `qsim edit` still running? What you typed is still here." } };
  }
  return { ok: answer.ok, found: await answer.json() };
}

const mode = () => document.querySelector("input[name=mode]:checked").value;
const rowOf = (filled) => Object.fromEntries([...new FormData(filled)].filter(([, text]) => text.trim()));
const field = (name) => byId("claim-form").elements.namedItem(name);
const cites = () => field("cites").value.split(";").map((text) => text.trim()).filter(Boolean);

async function refresh() {
  const { ok, found } = await ask("state");
  if (!ok) {
    byId("told").textContent = found.wrong;
    return;
  }
  const first = state === null;
  state = found;
  document.title = `${state.title} - qsim edit`;
  byId("title").textContent = state.title;
  byId("said").textContent = state.said || "Nothing: the scenario is sound.";
  show(state, clicked);
  drawing([...kept.map((each) => each.outline), corners]);
  lists();
  if (first) form();
  byId("claims").replaceChildren(...state.claims.map(claim));
  byId("legend").replaceChildren(...legend(state.sides));
  const day = byId("day");
  [day.min, day.max] = state.days;
  if (!day.value) [, day.value] = state.days;
  documentShown();
  await held();
}

/** Colour the map by who held what on the day; an unsound scenario has no such day. */
async function held() {
  asked += 1;
  const mine = asked;
  if (!state.sound || !byId("day").value) return;
  const { ok, found } = await ask(`held?day=${byId("day").value}`);
  if (mine !== asked) return;
  if (ok) colour(found.held, state.sides);
  else byId("told").textContent = found.wrong;
}

const option = ([id, text]) => el("option", { value: id }, text);

function lists() {
  byId("lists").replaceChildren(...Object.entries(state.names).map(([name, pairs]) => el("datalist", { id: `list-${name}` }, pairs.map(option))));
}

function form() {
  const made = ({ name, about, choices, required }) => {
    const input = choices.length
      ? el("select", { name, required }, el("option", { value: "" }, ""), choices.map((choice) => el("option", {}, choice)))
      : el("input", { name, required, list: name in state.names ? `list-${name}` : null, autocomplete: "off" });
    return el("label", { title: about, class: WIDE.has(name) ? "wide" : null }, name, input);
  };
  const byName = Object.fromEntries(state.fields.map((each) => [each.name, each]));
  byId("fields").replaceChildren(...FIRST.map((name) => made(byName[name])));
  byId("more").replaceChildren(...state.fields.filter((each) => !FIRST.includes(each.name)).map(made));
}

function claim(each) {
  const said = [each.start, each.place, each.kind, each.side].filter(Boolean).join(" ");
  return el("li", {}, `${each.row}: ${said} (${each.source}${each.cites.length ? `, ${each.cites.join("; ")}` : ""})`);
}

function documentShown() {
  const which = byId("which");
  if (!which.options.length) which.replaceChildren(...texts.map((each) => option([each.id, `${each.id}: ${each.title}`])));
  const text = texts.find((each) => each.id === which.value);
  const shown = byId("document");
  if (!text) shown.replaceChildren("The scenario lists no documents; cite a page, an address or a DOI in words.");
  else if (shown.dataset.id !== text.id) {
    shown.dataset.id = text.id;
    shown.replaceChildren(...(text.elsewhere ? [text.elsewhere] : text.lines.map(line).filter(Boolean)));
  }
  marks();
}

function line(sentences, n) {
  const spans = sentences.flatMap(([cite, text]) => [el("span", { class: "sentence", role: "button", tabindex: "0", "aria-pressed": "false", "data-cite": cite, title: cite }, text), " "]);
  return spans.length ? el("p", { "data-line": n + 1 }, spans) : null;
}

/** Show which sentences the claim in the form cites, and which are cited by a claim that is there. */
function marks() {
  const here = new Set(cites());
  const cited = new Set(state.cited);
  for (const each of document.querySelectorAll(".sentence")) {
    each.classList.toggle("marked", here.has(each.dataset.cite));
    each.classList.toggle("cited", cited.has(each.dataset.cite));
    each.setAttribute("aria-pressed", String(here.has(each.dataset.cite)));
  }
}

/** Cite sentences; a single one that is cited already is taken out. */
function mark(sentences) {
  const there = cites();
  const names = sentences.map((each) => each.dataset.cite);
  const out = names.length === 1 && there.includes(names[0]);
  field("cites").value = (out ? there.filter((cite) => cite !== names[0]) : [...new Set([...there, ...names])]).join(";");
  marks();
  later();
}

function selected() {
  const selection = getSelection();
  if (selection.isCollapsed) return [];
  return [...document.querySelectorAll(".sentence")].filter((each) => selection.containsNode(each, true));
}

function clicked(id, point) {
  if (mode() === "choose") {
    if (!id) return;
    field("place").value = id;
    choose(id);
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
  quiet = setTimeout(async () => {
    const row = rowOf(byId("claim-form"));
    if (state.fields.some((each) => each.required && !row[each.name])) {
      byId("claim-wrong").textContent = "";
      return;
    }
    const { ok, found } = await ask("try", { row });
    byId("claim-wrong").textContent = ok ? found.told : found.wrong;
  }, QUIET_MS);
}

/** Save and say what became of it; what is refused stays in the form, beside the reason and what stands in the files now. */
async function save(name, what, body) {
  clearTimeout(quiet);
  const { ok, found } = await ask(name, { ...body, seen: state.seen });
  byId(`${name}-wrong`).textContent = ok ? "" : found.wrong;
  byId("told").textContent = ok ? `Saved: ${what}. ${found.told}` : `Not saved: ${what}.`;
  await refresh();
  return ok;
}

async function saveClaim(event) {
  event.preventDefault();
  const row = rowOf(byId("claim-form"));
  if (!(await save("claim", `${row.place} ${row.kind}, ${row.start}`, { row }))) return;
  for (const name of ["cites", "note", "denies", "value", "low", "best", "high", "of"]) field(name).value = "";
  marks();
}

async function savePlace(event) {
  event.preventDefault();
  const row = rowOf(byId("place-form"));
  if (!(await save("place", row.name, { row }))) return;
  byId("place-form").reset();
  corners = [];
  cornersShown();
}

async function saveSource(event) {
  event.preventDefault();
  const row = rowOf(byId("source-form"));
  if (await save("source", row.name, { row })) byId("source-form").reset();
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
  if (!(await save("sectors", `${kept.length} sectors of ${city}`, { city, parts: kept }))) return;
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
  const { ok, found } = await ask("seen");
  if (ok && JSON.stringify(found) !== JSON.stringify(state.seen)) {
    await refresh();
    byId("told").textContent = "The files have changed, and are shown as they are now.";
  }
  setTimeout(watch, EVERY_MS);
}

function listen() {
  byId("claim-form").addEventListener("submit", saveClaim);
  byId("claim-form").addEventListener("input", () => {
    marks();
    later();
  });
  byId("place-form").addEventListener("submit", savePlace);
  byId("source-form").addEventListener("submit", saveSource);
  byId("sectors-form").addEventListener("submit", saveSectors);
  byId("keep").addEventListener("click", keep);
  byId("undo").addEventListener("click", () => {
    corners = corners.slice(0, -1);
    cornersShown();
  });
  for (const each of document.querySelectorAll("input[name=mode]")) each.addEventListener("change", moded);
  byId("in").addEventListener("click", () => zoom(1.6));
  byId("out").addEventListener("click", () => zoom(1 / 1.6));
  byId("all").addEventListener("click", () => zoom(0));
  byId("day").addEventListener("change", held);
  byId("which").addEventListener("change", documentShown);
  byId("document").addEventListener("click", (event) => {
    const over = selected();
    const at = event.target.closest(".sentence");
    if (over.length) mark(over);
    else if (at) mark([at]);
    getSelection().removeAllRanges();
  });
  byId("document").addEventListener("keydown", (event) => {
    if ((event.key === "Enter" || event.key === " ") && event.target.matches(".sentence")) {
      event.preventDefault();
      mark([event.target]);
    }
  });
}

async function open() {
  const { ok, found } = await ask("documents");
  if (ok) texts = found;
  await refresh();
  if (state) {
    listen();
    setTimeout(watch, EVERY_MS);
  }
}

await open();
