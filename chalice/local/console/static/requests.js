// The list of requests and events, and one of them in full.

import { get, post } from "./api.js";
import { detail as describe } from "./exchange.js";
import { h, notice, show } from "./dom.js";
import { clock, duration } from "./format.js";
import { empty, method, status } from "./parts.js";
import { row, search, split } from "./split.js";
import { load, store, watch } from "./store.js";

const FILTERS = {
  all: () => true,
  failed: (each) => each.state === "failed" || each.status >= 400,
  events: (each) => each.kind === "invocation",
};

export function requests(chosen) {
  const id = chosen ? Number(chosen) : null;
  let words = "";
  let filter = "all";
  const rows = new Map();

  const chips = h("div.chips", { role: "group", "aria-label": "Show" });
  const page = split("Requests", {
    back: "#/requests",
    label: "Requests, the newest first",
    tools: [
      search("Search requests", (value) => ((words = value), redraw())),
      chips,
      h("button.quiet", { type: "button", on: { click: clear } }, "Clear"),
    ],
  });

  const shown = (each) =>
    FILTERS[filter](each) &&
    `${each.method} ${each.path} ${each.status ?? each.state}`.toLowerCase().includes(words);

  function redraw() {
    show(
      chips,
      Object.keys(FILTERS).map((name) =>
        h(
          "button.chip",
          {
            type: "button",
            "aria-pressed": String(name === filter),
            on: { click: () => ((filter = name), redraw()) },
          },
          name,
        ),
      ),
    );
    rows.clear();
    const list = [...store.exchanges.values()].reverse().filter(shown);
    show(page.list, list.map(entry));
    if (!list.length) {
      show(
        page.list,
        store.exchanges.size
          ? empty("Nothing here fits.", "Search for something else, or show all.")
          : empty("No requests yet.", "Ask the app for something: they appear here as they come."),
      );
    }
  }

  function entry(each) {
    const made = row(
      `#/requests/${each.id}`,
      each.id === id,
      status(each),
      method(each.method),
      h("span.path", { title: each.path }, each.path),
      h("span.took", {}, duration(each.ms)),
      h("time", {}, clock(each.at)),
    );
    rows.set(each.id, made);
    return made;
  }

  function update(each) {
    const old = rows.get(each.id);
    if (old) {
      const hadFocus = document.activeElement === old;
      const made = entry(each);
      old.replaceWith(made);
      if (hadFocus) made.focus();
    } else if (shown(each)) {
      if (!rows.size) show(page.list);
      page.list.prepend(entry(each));
      for (const [oldest, element] of rows) {
        if (store.exchanges.has(oldest)) break;
        element.remove();
        rows.delete(oldest);
      }
    }
  }

  async function clear() {
    await post("clear");
    await load();
    notice("Cleared");
  }

  async function open() {
    if (id === null) {
      page.open(false, empty("Choose a request.", "j and k move, Enter opens, r sends it again."));
      return;
    }
    try {
      page.open(true, describe(await get(`exchanges/${id}`)));
    } catch (error) {
      page.open(true, empty(error.message, "The last 200 are kept."));
    }
  }

  redraw();
  open();
  return {
    element: page.element,
    close: watch((kind, data) => {
      if (kind === "all") redraw();
      if (kind === "exchange") {
        update(data);
        if (data.id === id) open();
      }
    }),
  };
}
