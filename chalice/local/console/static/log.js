// What the app prints and logs, as it does.

import { h, show } from "./dom.js";
import { empty, line, lines } from "./parts.js";
import { search } from "./split.js";
import { store, watch } from "./store.js";

const LEVELS = {
  all: () => true,
  warnings: (each) => ["WARNING", "ERROR", "CRITICAL"].includes(each.level),
  errors: (each) => ["ERROR", "CRITICAL"].includes(each.level) || each.stack,
};
const WHOLE = { link: true, stacks: true };
const MOST = 2000;

export function log() {
  let words = "";
  let level = "all";
  const chips = h("div.chips", { role: "group", "aria-label": "Show" });
  const place = h("div.tail", { tabindex: 0 });
  const shown = (each) =>
    LEVELS[level](each) && `${each.level} ${each.logger} ${each.text}`.toLowerCase().includes(words);
  const isAtEnd = () => place.scrollHeight - place.scrollTop - place.clientHeight < 40;
  const toEnd = () => (place.scrollTop = place.scrollHeight);

  function redraw() {
    show(
      chips,
      Object.keys(LEVELS).map((name) =>
        h(
          "button.chip",
          { type: "button", "aria-pressed": String(name === level), on: { click: () => ((level = name), redraw()) } },
          name,
        ),
      ),
    );
    const found = store.lines.filter(shown);
    show(
      place,
      found.length
        ? lines(found, WHOLE)
        : empty("Nothing was printed or logged.", "print() and app.log write here, and to the terminal."),
    );
    toEnd();
  }

  function add(each) {
    if (!shown(each)) return;
    const list = place.querySelector(".lines");
    if (!list) return redraw();
    const follow = isAtEnd();
    list.append(line(each, WHOLE));
    if (list.childElementCount > MOST) list.firstElementChild.remove();
    if (follow) toEnd();
    return undefined;
  }

  const element = h(
    "div.full",
    {},
    h("div.head", {}, h("h1", {}, "Log"), search("Search the log", (value) => ((words = value), redraw())), chips),
    place,
  );
  redraw();
  requestAnimationFrame(toEnd);
  return {
    element,
    close: watch((kind, data) => {
      if (kind === "all") redraw();
      if (kind === "line") add(data);
    }),
  };
}
