// All that the page knows. Views read it, and are told what changed.

import { get, listen } from "./api.js";

const MOST_EXCHANGES = 200;
const MOST_LINES = 2000;

export const store = {
  app: null,
  exchanges: new Map(),
  lines: [],
  clients: new Map(),
  link: "connecting",
};

const listeners = new Set();

/** Call back with (kind, data) on each change; returns what ends that. */
export function watch(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function tell(kind, data) {
  for (const listener of [...listeners]) listener(kind, data);
}

/** Begin to know, and to hear. */
export function start() {
  listen({
    opened: () => load(),
    heard: ({ kind, data }) => hear(kind, data),
    lost: () => setLink("lost"),
  });
}

/** Learn everything anew. */
export async function load() {
  try {
    const [app, exchanges, lines, clients] = await Promise.all(
      ["app", "exchanges", "lines", "clients"].map(get),
    );
    store.app = app;
    store.exchanges = new Map(exchanges.map((each) => [each.id, each]));
    store.lines = lines;
    store.clients = new Map(clients.map((each) => [each.id, each]));
    setLink("live");
    tell("all");
  } catch {
    setLink("lost");
  }
}

function hear(kind, data) {
  if (kind === "app") store.app = data;
  if (kind === "exchange") remember(store.exchanges, data, MOST_EXCHANGES);
  if (kind === "client") store.clients.set(data.id, data);
  if (kind === "line" && !addLine(data)) return;
  tell(kind, data);
}

/** Lines of several threads may come in another order; one that is there already is not added. */
function addLine(line) {
  const lines = store.lines;
  let at = lines.length;
  while (at > 0 && lines[at - 1].id > line.id) at -= 1;
  if (at > 0 && lines[at - 1].id === line.id) return false;
  lines.splice(at, 0, line);
  if (lines.length > MOST_LINES) lines.shift();
  return true;
}

function remember(map, item, most) {
  map.set(item.id, item);
  while (map.size > most) map.delete(map.keys().next().value);
}

function setLink(link) {
  if (store.link === link) return;
  store.link = link;
  tell("link");
}
