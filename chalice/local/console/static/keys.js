// Keys: the same everywhere, and none that a field would want.

import { h, show } from "./dom.js";

export const VIEWS = ["map", "requests", "routes", "handlers", "sockets", "log", "data"];

const HELP = [
  ["/", "search"],
  ["j  k", "next and previous in the list"],
  ["Enter", "open"],
  ["r", "send again"],
  ["1 … 7", "go to a view"],
  ["Ctrl Enter", "send the form"],
  ["Esc", "leave a field, go back to the list"],
  ["?", "this"],
];

export function listenToKeys(go, back) {
  const dialog = document.getElementById("keys");
  const help = () => (dialog.open ? dialog.close() : dialog.showModal());
  show(
    dialog,
    h("h2", { id: "keys-title" }, "Keys"),
    h("dl", {}, HELP.map(([key, what]) => h("div", {}, h("dt", {}, key.split("  ").map((each) => [h("kbd", {}, each), " "])), h("dd", {}, what)))),
    h("form", { method: "dialog" }, h("button.main", {}, "Close")),
  );
  document.getElementById("help").addEventListener("click", help);

  const actions = {
    "/": () => focus(document.querySelector("[data-search]")),
    j: () => move(1),
    k: () => move(-1),
    r: () => document.querySelector("[data-resend]:not(:disabled)")?.click(),
    "?": help,
    Escape: back,
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const field = event.target.closest?.("input, textarea, select");
    if (field) {
      if (event.key === "Escape") field.blur();
      return;
    }
    if (dialog.open && event.key !== "?") return;
    const view = VIEWS[Number(event.key) - 1];
    const action = actions[event.key] ?? (view && (() => go(view)));
    if (!action) return;
    event.preventDefault();
    action();
  });
}

function move(step) {
  const rows = [...document.querySelectorAll("#view [data-row]")].filter((each) => each.getClientRects().length);
  if (!rows.length) return;
  const here = rows.indexOf(document.activeElement);
  const current = here < 0 ? rows.findIndex((each) => each.getAttribute("aria-current")) : here;
  const next = current < 0 ? (step > 0 ? 0 : rows.length - 1) : Math.min(rows.length - 1, Math.max(0, current + step));
  focus(rows[next]);
}

function focus(element) {
  element?.focus();
  element?.scrollIntoView({ block: "nearest" });
}
