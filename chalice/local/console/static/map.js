// The picture of the app: what reaches it, its handlers, and what they call.

import { get } from "./api.js";
import { h, show, svg } from "./dom.js";
import { KINDS } from "./handlers.js";
import { layout, ROW, WIDTH } from "./layout.js";
import { empty } from "./parts.js";
import { store, watch } from "./store.js";

const TITLES = ["What reaches the app", "Handlers", "What they call"];
const DATA = new Set(["queue", "table", "bucket", "topic", "stream"]);
const FLASH = 900; // ms

export function map() {
  const note = h("p.soft", { role: "status" });
  const place = h("div.picture");
  const element = h("div.full", {}, h("div.head", {}, h("h1", {}, "Map"), note), place);
  let drawn = new Map();

  async function load() {
    try {
      const found = await get("map");
      if (!found.nodes.length) {
        show(place, empty("There is nothing to draw yet.", "Add a route or a handler to app.py and save it."));
        show(note);
        return;
      }
      show(note, found.complete ? "" : "reading what the code calls …");
      const made = picture(found);
      drawn = made.drawn;
      show(place, made.element, inWords(found));
    } catch (error) {
      show(place, empty(error.message));
    }
  }

  function flash(id) {
    for (const part of drawn.get(id) ?? []) {
      part.classList.remove("flash");
      part.getBoundingClientRect(); // so that the animation begins anew
      part.classList.add("flash");
      setTimeout(() => part.classList.remove("flash"), FLASH);
    }
  }

  load();
  return {
    element,
    close: watch((kind, data) => {
      if (kind === "all" || kind === "app" || kind === "map") load();
      if (kind === "exchange" && data.node) flash(data.node);
    }),
  };
}

function picture(found) {
  const { nodes, edges, width, height } = layout(found);
  const drawn = new Map();
  const add = (id, part) => drawn.set(id, [...(drawn.get(id) ?? []), part]);
  const lines = edges.map((edge) => {
    const part = svg(`path.edge.${edge.kind}`, { d: edge.path });
    if (edge.actions.length) part.append(svg("title", {}, edge.actions.join("\n")));
    for (const id of [edge.from, edge.to]) add(`edges of ${id}`, part);
    if (edge.kind === "invokes") add(edge.from, part);
    return part;
  });
  const boxes = nodes.map((node) => {
    const part = box(node);
    add(node.id, part);
    const near = new Set([node.id, node.feeds]);
    for (const edge of edges) {
      if (edge.from === node.id) near.add(edge.to);
      if (edge.to === node.id) near.add(edge.from);
    }
    const mark = (is) => {
      element.classList.toggle("marked", is);
      for (const id of near) for (const each of drawn.get(id) ?? []) if (each.matches(".node")) each.classList.toggle("near", is);
      for (const each of drawn.get(`edges of ${node.id}`) ?? []) each.classList.toggle("near", is);
    };
    for (const event of ["pointerenter", "focusin"]) part.addEventListener(event, () => mark(true));
    for (const event of ["pointerleave", "focusout"]) part.addEventListener(event, () => mark(false));
    return part;
  });
  const titles = TITLES.map((title, index) => {
    const x = index * ((width - WIDTH) / 2 || WIDTH);
    return (index === 0 || nodes.some((node) => node.column === ["sources", "handlers", "resources"][index])) &&
      svg("text.heading", { x: columnX(nodes, index) ?? x, y: -16 }, title);
  });
  const element = svg(
    "svg",
    {
      viewBox: `-8 -44 ${width + 16} ${height + 60}`,
      width: width + 16,
      height: height + 60,
      role: "group",
      "aria-label": "Map of the app",
    },
    titles,
    lines,
    boxes,
  );
  return { element, drawn };
}

const columnX = (nodes, index) =>
  nodes.find((node) => node.column === ["sources", "handlers", "resources"][index])?.x;

function box(node) {
  const kind = kindOf(node);
  const href = target(node);
  const label = `${kind} ${node.label}`;
  const inner = [
    svg("title", {}, node.feeds ? `${label}, whose messages come back to the app` : label),
    svg("rect", { width: WIDTH, height: ROW, rx: 8 }),
    svg("text.what", { x: 12, y: ROW / 2 }, kind),
    svg("text.name", { x: 12 + kindWidth(kind), y: ROW / 2 }, cut(node.label, Math.floor((WIDTH - 24 - kindWidth(kind) - (node.feeds ? 18 : 0)) / 7.6))),
    node.feeds && svg("text.back", { x: WIDTH - 20, y: ROW / 2 }, "↺"),
  ];
  const at = { transform: `translate(${node.x} ${node.y})` };
  return href
    ? svg(`a.node.${node.column}`, { ...at, href, "aria-label": label, data: { row: "" } }, inner)
    : svg(`g.node.${node.column}`, at, inner);
}

function kindOf(node) {
  if (node.kind === "route") return node.method;
  return node.kind === "websocket" ? "socket" : (KINDS[node.kind] ?? node.kind);
}

const kindWidth = (kind) => kind.length * 6.6 + 12;
const cut = (text, most) => (text.length > most ? `${text.slice(0, most - 1)}…` : text);

function target(node) {
  const name = encodeURIComponent;
  if (node.kind === "route") return `#/routes/${name(`${node.method} ${node.label}`)}`;
  if (node.kind === "view") {
    const route = store.app?.routes.find((each) => each.path === node.route);
    const method = route?.methods.find((each) => each.view === node.label) ?? route?.methods[0];
    return method ? `#/routes/${name(`${method.method} ${node.route}`)}` : null;
  }
  if (node.column === "handlers") return node.kind === "module" ? null : `#/handlers/${name(node.label)}`;
  if (node.kind === "websocket") return "#/sockets";
  if (node.column === "resources" && store.app?.data && DATA.has(node.kind)) return `#/data/${node.kind}/${name(node.label)}`;
  return null;
}

/** The same in words, for narrow screens. */
function inWords(found) {
  const node = new Map(found.nodes.map((each) => [each.id, each]));
  const from = (id, kind) => found.edges.filter((edge) => edge.from === id && edge.kind === kind);
  const link = (each) => {
    const href = target(each);
    const content = [h("span.kind", {}, kindOf(each)), " ", each.label];
    return href ? h("a", { href }, content) : h("span", {}, content);
  };
  const handlers = found.nodes.filter((each) => each.column === "handlers");
  return h(
    "ul.words",
    { "aria-label": "The map in words" },
    handlers.map((each) =>
      h(
        "li",
        {},
        h("p", {}, link(each)),
        found.edges.filter((edge) => edge.to === each.id).map((edge) => h("p.via", {}, edge.kind === "asks" ? "asked by " : "from ", link(node.get(edge.from)))),
        from(each.id, "calls").map((edge) =>
          h("p.via", {}, "calls ", link(node.get(edge.to)), " ", h("span.soft", {}, edge.actions.map((action) => action.split(":")[1]).join(", "))),
        ),
      ),
    ),
  );
}
