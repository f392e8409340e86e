// The story: its chapters scroll by beside the map, which shows the day of the one in the middle of the window.

import { byId, el } from "./dom.js";

const MIDDLE = "-45% 0px -45% 0px"; // the part of the story's window in which a chapter is the one that is read

/** Make the story live: `tell(day)` shows a chapter's day on the map, `set(open)` opens it or goes back to the player. */
export function makeStory(tell, set) {
  const host = byId("story");
  const articles = [...host.querySelectorAll("article")];
  byId("tell").hidden = !articles.length;
  const state = { host, articles, open: false, current: -1, tell };
  byId("tell").addEventListener("click", () => set(!state.open));
  for (const article of articles) article.append(el("button", { type: "button", class: "look", onclick: () => set(false) }, "Look around on this day"));
  const seen = new IntersectionObserver((entries) => state.open && entries.filter((entry) => entry.isIntersecting).forEach((entry) => read(state, articles.indexOf(entry.target))), { root: host, rootMargin: MIDDLE });
  for (const article of articles) seen.observe(article);
  return {
    any: articles.length > 0,
    /** Open the story at the chapter of a day, or close it; return the day that is then to be shown. */
    show: (open, day) => showStory(state, open, day),
    /** Go some chapters on. */
    step: (count) => goTo(state, Math.min(articles.length - 1, Math.max(0, state.current + count))),
  };
}

const dayOfArticle = (article) => Number(article.dataset.day);

function showStory(state, open, day) {
  const { host, articles } = state;
  const wanted = Math.max(0, articles.findLastIndex((article) => dayOfArticle(article) <= day));
  const there = state.open && state.current === wanted;
  state.open = open;
  document.body.classList.toggle("story", open);
  byId("tell").textContent = open ? "All days" : "The story";
  host.hidden = !open;
  host.tabIndex = open ? 0 : -1;
  if (!open) return day;
  if (!there) bring(state, wanted, "instant");
  highlight(state, wanted);
  return dayOfArticle(articles[wanted]);
}

function goTo(state, position) {
  bring(state, position, "smooth");
  read(state, position);
}

/** Bring a chapter into the middle of the story's window. */
function bring({ host, articles }, position, behavior) {
  const article = articles[position];
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  host.scrollTo({ top: article.offsetTop - host.offsetTop - Math.max(0, (host.clientHeight - article.offsetHeight) / 2), behavior: still ? "instant" : behavior });
}

/** Make a chapter the one that is read. */
function read(state, position) {
  if (state.current === position) return;
  highlight(state, position);
  state.tell(dayOfArticle(state.articles[position]));
}

function highlight(state, position) {
  state.current = position;
  for (const [i, article] of state.articles.entries()) {
    if (i === position) article.setAttribute("aria-current", "step");
    else article.removeAttribute("aria-current");
  }
}
