// A list beside what is chosen of it; on narrow screens one after the other.

import { h, show } from "./dom.js";

/** Return {element, list, detail, open}: `open(false)` shows the list where there is room for one. */
export function split(title, { tools = [], back, label }) {
  const list = h("div.list", { role: "group", "aria-label": label });
  const detail = h("section.detail", { "aria-label": "Details" });
  const element = h(
    "div.split",
    {},
    h("section.pane", {}, h("div.head", {}, h("h1", {}, title), tools), list),
    h("div.beside", {}, h("a.back", { href: back }, "← ", title), detail),
  );
  return {
    element,
    list,
    detail,
    open(is, ...content) {
      element.classList.toggle("open", is);
      show(detail, ...content);
    },
  };
}

/** A row of a list, which keys can reach. */
export function row(href, isCurrent, ...content) {
  return h(
    "a.row",
    { href, data: { row: "" }, "aria-current": isCurrent ? "true" : null },
    ...content,
  );
}

/** A field to search in, which `/` goes to. */
export function search(label, changed) {
  return h("input.search", {
    type: "search",
    placeholder: `${label}  /`,
    "aria-label": label,
    data: { search: "" },
    on: { input: (event) => changed(event.target.value.trim().toLowerCase()) },
  });
}
