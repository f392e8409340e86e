// The form of a claim: what is typed and marked in it, and which claim of the record it changes.

import { byId, el } from "../page/dom.js";

const FIRST = ["place", "kind", "side", "start", "source", "cites", "note"];
const KEPT = new Set(["place", "kind", "side", "start", "source"]); // what the next claim is likely to share
const WIDE = new Set(["cites", "note"]);

let meanings = {};
let touched = false;
let loaded = null;

/** Return what is filled in a form, by field. */
export const rowOf = (form) => Object.fromEntries([...new FormData(form)].filter(([, text]) => text.trim()));

/** Return a field of the claim. */
export const field = (name) => byId("claim-form").elements.namedItem(name);

/** Return what the claim cites. */
export const cites = () => field("cites").value.split(";").map((text) => text.trim()).filter(Boolean);

/** Return whether anything was typed or marked since the form was last saved, loaded or emptied. */
export const isTouched = () => touched;

/** Return the claim of the record that the form changes, or null where it is a new one. */
export const changing = () => loaded;

/** Make the fields of the form. */
export function makeForm(state) {
  ({ meanings } = state);
  const made = ({ name, about, choices, required }) => {
    const input = choices.length
      ? el("select", { name, required }, el("option", { value: "" }, ""), choices.map((choice) => el("option", { title: name === "kind" ? meanings[choice] : null }, choice)))
      : el("input", { name, required, list: name in state.names ? `list-${name}` : null, autocomplete: "off" });
    return el("label", { title: about, class: WIDE.has(name) ? "wide" : null }, name, input);
  };
  const byName = Object.fromEntries(state.fields.map((each) => [each.name, each]));
  byId("fields").replaceChildren(...FIRST.map((name) => made(byName[name])));
  byId("more").replaceChildren(...state.fields.filter((each) => !FIRST.includes(each.name)).map(made));
  shown();
}

const option = ([id, text]) => el("option", { value: id }, text);

/** Offer the names that fields may hold, by field: pairs of an id and a name. */
export function offer(names) {
  byId("lists").replaceChildren(...Object.entries(names).map(([name, pairs]) => el("datalist", { id: `list-${name}` }, pairs.map(option))));
}

/** Note that something was typed or marked. */
export function touch() {
  touched = true;
  shown();
}

/** Put the fields of a claim into the form: one of the record that is to be changed, or one that was not saved. */
export function fill(row, claim, isNew) {
  for (const each of inputs()) each.value = row[each.name] ?? "";
  loaded = claim;
  touched = isNew;
  if (filledMore()) byId("more-fields").open = true;
  shown();
}

/** Empty the form but for what the next claim is likely to share. */
export function clear() {
  for (const each of inputs()) if (!KEPT.has(each.name)) each.value = "";
  loaded = null;
  touched = false;
  shown();
}

/** Return where a claim that was loaded stands among those that are there; null where it is not as it was. */
export function placeOf(each, claims) {
  const same = claims.filter((other) => JSON.stringify(other.fields) === JSON.stringify(each.fields));
  return (same.find((other) => other.at === each.at) ?? same[0])?.at ?? null;
}

/** Say what is wrong with the claim in the form, and lead to what would mend it. */
export function wrong(text) {
  const source = /unknown source (['"])(.*?)\1/.exec(text);
  byId("claim-wrong").textContent = text;
  byId("name-source").hidden = !source;
  byId("name-source").textContent = source ? `Enter “${source[2]}” as a new source` : "";
  byId("name-source").dataset.name = source ? source[2] : "";
}

/** Put the name of a source that is not known into the form of sources. */
export function nameSource() {
  const { name } = byId("source-form").elements;
  byId("new-source").open = true;
  name.value = byId("name-source").dataset.name;
  name.focus();
}

const inputs = () => [...byId("claim-form").elements].filter((each) => each.name);
const filledMore = () => [...byId("more").querySelectorAll("input, select")].filter((each) => each.value.trim()).length;

/** Say what the form is about, what its kind means, and how many of the fields that are folded away are filled. */
function shown() {
  const more = filledMore();
  byId("more-told").textContent = more ? `More fields: ${more} filled` : "More fields";
  byId("meaning").textContent = meanings[field("kind").value] ?? "";
  byId("claim-title").textContent = loaded ? `The claim of row ${loaded.row}, to be changed` : "A claim";
  byId("save-claim").textContent = loaded ? "Save the change" : "Save the claim";
  byId("delete").hidden = !loaded;
  byId("leave").hidden = !loaded;
  for (const each of document.querySelectorAll("#claims button")) each.setAttribute("aria-current", String(loaded?.row === Number(each.dataset.row)));
}
