// Which view is shown, and what is around it.

import { data } from "./data.js";
import { h, show } from "./dom.js";
import { handlers } from "./handlers.js";
import { listenToKeys } from "./keys.js";
import { log } from "./log.js";
import { map } from "./map.js";
import { requests } from "./requests.js";
import { routes, send } from "./routes.js";
import { sockets } from "./sockets.js";
import { start, store, watch } from "./store.js";

const VIEWS = { map, requests, routes, handlers, sockets, log, data, send };
const TITLES = {
  map: "Map",
  requests: "Requests",
  routes: "Routes",
  handlers: "Handlers",
  sockets: "WebSockets",
  log: "Log",
  data: "Data",
};

let open = null;

function place() {
  const [name, ...rest] = location.hash.replace(/^#\/?/, "").split("/").map(decode);
  return VIEWS[name] ? [name, ...rest] : ["map"];
}

function decode(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function draw() {
  const [name, ...rest] = place();
  const list = document.querySelector("#view .list");
  const kept = open?.name === name && list ? list.scrollTop : 0;
  const search = open?.name === name ? document.querySelector("#view [data-search]")?.value : "";
  const wasOnRow = document.activeElement?.matches("#view [data-row]");
  const wasInSearch = document.activeElement?.matches("#view [data-search]");
  open?.view.close();
  const view = VIEWS[name](...rest);
  open = { name, view };
  show(document.getElementById("view"), view.element);
  const field = view.element.querySelector("[data-search]");
  if (search && field) {
    field.value = search;
    field.dispatchEvent(new Event("input"));
  }
  if (wasInSearch) field?.focus();
  const made = view.element.querySelector(".list");
  if (made) made.scrollTop = kept;
  if (wasOnRow) {
    const row = view.element.querySelector("[data-row][aria-current]");
    if (row?.getClientRects().length) row.focus();
    else document.getElementById("main").focus();
  }
  document.title = `${TITLES[name] ?? "Send"} · ${store.app?.name ?? "Console"}`;
  around();
}

/** The navigation, the name of the app, and what is wrong with it. */
function around() {
  const [name] = place();
  const counts = {
    requests: store.exchanges.size,
    sockets: [...store.clients.values()].filter((each) => each.state === "open").length,
  };
  const shown = Object.entries(TITLES).filter(([view]) => view !== "data" || store.app?.data);
  const nav = document.getElementById("nav");
  const scrolled = nav.scrollLeft;
  show(
    nav,
    shown.map(([view, title]) =>
      h(
        "a",
        { href: `#/${view}`, "aria-current": view === name || (name === "send" && view === "requests") ? "page" : null },
        h("span", {}, title),
        counts[view] > 0 && h("span.count", {}, counts[view]),
      ),
    ),
  );
  nav.scrollLeft = scrolled;
  if (around.view !== name) nav.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest", inline: "nearest" });
  around.view = name;
  show(document.getElementById("app-name"), store.app?.name ?? "…");
  show(document.getElementById("app-kind"), store.app?.protocol ?? "");
  const link = document.getElementById("link");
  link.className = `link ${store.link}`;
  show(link, store.link === "lost" ? "not running" : store.link);
  show(document.getElementById("problem"), store.app?.problem && problem(store.app.problem));
}

function problem(found) {
  return h(
    "div.problem",
    {},
    h("h2", {}, store.app.generation ? "The saved code cannot be loaded; the code before it goes on" : "The app cannot be loaded"),
    found.map((each) =>
      h(
        "div",
        {},
        h("p.error", {}, each.summary),
        each.where && h("p", {}, h("code", {}, each.where)),
        each.excerpt && h("pre.code", { tabindex: 0 }, each.excerpt),
        each.hint && h("p.soft", {}, each.hint),
      ),
    ),
  );
}

watch((kind) => {
  if (kind === "frame" || kind === "line" || kind === "map") return;
  around();
});
let isFirst = true;
watch((kind) => {
  if (kind === "all" && isFirst) {
    isFirst = false;
    draw();
  }
});
window.addEventListener("hashchange", draw);
listenToKeys(
  (view) => {
    if (view !== "data" || store.app?.data) location.hash = `#/${view}`;
  },
  () => {
    const [name, chosen] = place();
    if (chosen) location.hash = name === "send" ? `#/requests/${chosen}` : `#/${name}`;
  },
);
draw();
start();
