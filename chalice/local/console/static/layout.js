// Where the nodes of the map are, and which way its edges go.

export const ROW = 36;
export const GAP = 10;
export const WIDTH = 252;
const BETWEEN = 112;
const COLUMNS = ["sources", "handlers", "resources"];

/** Return {nodes, edges, width, height}: the same with x, y and, for edges, a path. */
export function layout(map) {
  const columns = COLUMNS.map((name) => map.nodes.filter((node) => node.column === name));
  const place = new Map();
  const before = new Map();
  for (const { from, to } of map.edges) before.set(to, [...(before.get(to) ?? []), from]);

  columns.forEach((nodes, column) => {
    const wish = (node) => {
      const ys = (before.get(node.id) ?? []).map((id) => place.get(id)?.y).filter((y) => y !== undefined);
      return ys.length ? ys.reduce((sum, y) => sum + y, 0) / ys.length : Infinity;
    };
    const sorted = column
      ? nodes.map((node, index) => ({ node, index, y: wish(node) })).sort((a, b) => a.y - b.y || a.index - b.index)
      : ordered(nodes).map((node) => ({ node, y: 0 }));
    let free = 0;
    for (const { node, y } of sorted) {
      const at = Number.isFinite(y) ? Math.max(free, Math.min(y, 1e6)) : free;
      place.set(node.id, { ...node, x: column * (WIDTH + BETWEEN), y: column ? at : free });
      free = (column ? at : free) + ROW + GAP;
    }
  });

  straighten(map, columns[0], place);

  const nodes = [...place.values()];
  return {
    nodes,
    edges: map.edges
      .filter(({ from, to }) => place.has(from) && place.has(to))
      .map((edge) => ({ ...edge, path: path(place.get(edge.from), place.get(edge.to)) })),
    width: Math.max(...nodes.map((node) => node.x)) + WIDTH,
    height: Math.max(...nodes.map((node) => node.y)) + ROW,
  };
}

/** Move sources down to what they invoke, so that their edges are straight lines. */
function straighten(map, sources, place) {
  let free = 0;
  for (const { id } of ordered(sources)) {
    const targets = map.edges.filter((edge) => edge.from === id && edge.kind === "invokes");
    const ys = targets.map((edge) => place.get(edge.to).y);
    const node = place.get(id);
    node.y = Math.max(free, ...(ys.length === 1 ? ys : [node.y]));
    free = node.y + ROW + GAP;
  }
}

const ordered = (nodes) => [
  ...nodes.filter((node) => node.kind === "route"),
  ...nodes.filter((node) => node.kind === "websocket"),
  ...nodes.filter((node) => node.kind !== "route" && node.kind !== "websocket"),
];

function path(from, to) {
  const [x1, y1] = [from.x + WIDTH, from.y + ROW / 2];
  const [x2, y2] = [to.x, to.y + ROW / 2];
  const bend = Math.max(40, (x2 - x1) / 2);
  return `M${x1} ${y1} C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}`;
}
