// The documents of the scenario, by the sentence: what is marked in them is cited.

import { byId, el } from "../page/dom.js";
import { cites } from "./claim.js";

const AIR_PX = 40; // above what is looked at

let texts = [];
let known = [];

/** Take the documents that can be shown. */
export function take(documents) {
  texts = documents;
}

/** Show the document that is chosen, with what is cited of it. */
export function documentShown(cited) {
  const which = byId("which");
  if (!which.options.length) which.replaceChildren(...texts.map((each) => el("option", { value: each.id }, `${each.id}: ${each.title}`)));
  const text = texts.find((each) => each.id === which.value);
  const shown = byId("document");
  if (!text) shown.replaceChildren("The scenario lists no documents; cite a page, an address or a DOI in words.");
  else if (shown.dataset.id !== text.id) {
    shown.dataset.id = text.id;
    shown.replaceChildren(...(text.elsewhere ? [`${text.elsewhere}. Its text is shown here when qsim edit is given it: --text ${text.id}=FILE`] : text.lines.map(line).filter(Boolean)));
  }
  marks(cited);
}

function line(sentences, n) {
  const spans = sentences.flatMap(([cite, text]) => [el("span", { class: "sentence", role: "button", tabindex: "0", "aria-pressed": "false", "data-cite": cite, title: cite }, text), " "]);
  return spans.length ? el("p", { "data-line": n + 1 }, spans) : null;
}

/** Show the first line that is not before the one asked for. */
function goToLine() {
  const wanted = Number(byId("line").value);
  const found = [...byId("document").querySelectorAll("p[data-line]")].find((each) => Number(each.dataset.line) >= wanted);
  for (const each of document.querySelectorAll(".sought")) each.classList.remove("sought");
  if (!wanted || !found) return;
  found.classList.add("sought");
  lookAt(found);
}

/** Scroll the document to a line or sentence of it, and nothing else of the page. */
export function lookAt(element) {
  const box = byId("document");
  if (element) box.scrollTop += element.getBoundingClientRect().top - box.getBoundingClientRect().top - AIR_PX;
}

/** Show which sentences the claim in the form cites, and which are cited by a claim that is there. */
export function marks(cited) {
  const here = new Set(cites());
  const there = new Set(cited);
  known = cited;
  for (const each of document.querySelectorAll(".sentence")) {
    each.classList.toggle("marked", here.has(each.dataset.cite));
    each.classList.toggle("cited", there.has(each.dataset.cite));
    each.setAttribute("aria-pressed", String(here.has(each.dataset.cite)));
  }
}

/** Return the sentences that are selected by a drag. */
function selected() {
  const selection = getSelection();
  if (selection.isCollapsed) return [];
  return [...document.querySelectorAll(".sentence")].filter((each) => selection.containsNode(each, true));
}

/** Mark sentences by a click, by a drag over several, or by Enter. */
export function listenTo(mark) {
  byId("which").addEventListener("change", () => documentShown(known));
  byId("line").addEventListener("change", goToLine);
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
