// What a reader takes away: the link to this moment, the table of the day as a file, the whole screen, and how all this was made.

import { byId, el } from "./dom.js";
import { UNKNOWN, believed, silentDays } from "./record.js";
import { pictureOf, pngOf } from "./picture.js";
import { capital, isoDay, longDay, sideOf, switchNames } from "./words.js";

/** Return the table of a day as CSV: every place with its status, the belief in each, 0..1, and the day of the last report. */
export function tableOf(record, telling, day) {
  const head = ["day", "telling", "place", "name", "status", ...record.statuses, "last_report"];
  const rows = record.map.places.flatMap((place, i) => {
    if (place.gateway) return [];
    const { status, belief } = believed(record, telling, i, day);
    const silent = silentDays(telling, i, day);
    const known = status !== UNKNOWN;
    const shares = belief.map((share) => (known ? share.toFixed(3) : ""));
    return [[isoDay(record, day), telling.name, place.id, place.name, record.statuses[status] ?? (known ? "undecided" : "unknown"), ...shares, silent === null ? "" : isoDay(record, day - silent)]];
  });
  return [head, ...rows].map((row) => row.map(cellOf).join(",")).join("\r\n").concat("\r\n");
}

/** Return a cell as CSV; what a spreadsheet would take for a formula stays text. */
function cellOf(text) {
  const bare = text.replace(/[\u2066-\u2069]/g, ""); // marks that set a name apart on the screen
  const plain = /^'*[=+@\t\r\n＝＋－＠-]/.test(bare) ? `'${bare}` : bare;
  return /[",\r\n]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain;
}

/** Give the tools their use. */
export function furnishTools(player) {
  const { record } = player;
  const now = () => tableOf(record, record.tellings[player.told], player.day);
  const saved = (suffix) => `${isoDay(record, player.day)}.${suffix}`;
  byId("save").addEventListener("click", () => save(saved("csv"), ["\uFEFF", now()], "text/csv;charset=utf-8"));
  byId("save-svg").addEventListener("click", () => save(saved("svg"), [seenNow(player).text], "image/svg+xml"));
  byId("save-png").addEventListener("click", async () => save(saved("png"), [await pngOf(seenNow(player))], "image/png"));
  byId("embed").addEventListener("click", () => showEmbedding(record));
  byId("link").addEventListener("click", copyLink);
  byId("full").hidden = !document.fullscreenEnabled;
  byId("full").addEventListener("click", () => (document.fullscreenElement ? document.exitFullscreen() : document.documentElement.requestFullscreen()));
  byId("how").addEventListener("click", () => byId("made").showModal());
  writeMade(record, byId("made").querySelector("div"));
}

/** Return the map as it is seen now, as a picture. */
function seenNow({ record, map, told, day }) {
  const telling = record.tellings[told];
  const who = record.tellings.length > 1 ? `; told by: ${switchNames(record.tellings.map(({ name }) => name))[told]}` : "";
  return pictureOf(map, { title: record.title, day: `${longDay(record, day)}${who}`, notes: [`${capital(telling.method)}.`, ...record.notes].filter(Boolean).join(" ") });
}

const quoted = (text) => text.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;");

/** Return what puts this moment into another page; a file that lies on no server yet is named as if it lay beside that page. */
export function embedding(record, { protocol, pathname, href, hash }) {
  const where = protocol === "file:" ? `${pathname.split("/").at(-1)}${hash}` : href;
  const given = { src: where, title: record.title, width: "100%", height: "720", style: "border:0", loading: "lazy", allowfullscreen: "" };
  return `<iframe${Object.entries(given).map(([name, value]) => ` ${name}="${quoted(value)}"`).join("")}></iframe>`;
}

function showEmbedding(record) {
  const shown = byId("embedding");
  const code = shown.querySelector("textarea");
  code.value = embedding(record, location);
  shown.showModal();
  code.select();
}

function save(name, parts, type) {
  const address = URL.createObjectURL(new Blob(parts, { type }));
  el("a", { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 1000);
}

/** Copy the address of the moment; where a page may not, show it to be copied by hand. */
async function copyLink() {
  const said = byId("said");
  try {
    await navigator.clipboard.writeText(location.href);
    said.textContent = "The link to this moment is copied.";
  } catch {
    said.textContent = `The link to this moment: ${location.href}`;
  }
}

/** Write how the page was made: from what, by which method, under which licence, by which version. */
function writeMade({ summary, made, documents, sides, sources, notes, tellings }, host) {
  const voices = Object.values(sources);
  const of = (telling) => `${tellings.length > 1 ? `${telling.name}: ${telling.method}` : capital(telling.method)}.`;
  const read = made.documents.map(({ id, origin, licence }) => el("li", {}, [documents[id], origin, licence].filter(Boolean).join(" · ")));
  host.replaceChildren(
    summary ? el("p", {}, summary) : "",
    el("h3", {}, "Method"),
    ...tellings.map((telling) => el("p", {}, of(telling))),
    el("p", {}, "A colour says on which side more than half of the belief stands; below one half on every side a place is undecided. Nothing here is surveyed: areas are drawn around places."),
    el("h3", {}, `Sources: ${voices.length || "none"} that speak, in ${["no document that is named", "one document"][read.length] ?? `${read.length} documents`}`),
    el("ul", {}, read),
    voices.length ? el("details", {}, el("summary", {}, "Who speaks"), el("p", { class: "small" }, voices.map((source) => `${source.name} (${sideOf({ sides }, source)})`).sort().join("; "))) : "",
    el("p", { class: "small" }, notes.filter(Boolean).join(" ")),
    el("p", { class: "small" }, `Made with qsim ${made.version}, free software under the MIT licence.`),
  );
}
