// Queues, buckets, tables and the rest of the embedded cloud. Looking changes nothing.

import { get } from "./api.js";
import { h, show } from "./dom.js";
import { count } from "./format.js";
import { empty, pairs, section, text } from "./parts.js";
import { row, search, split } from "./split.js";

const MOST = 100; // the server returns no more
const WORDS = { queue: "message", table: "item", bucket: "object", topic: "subscription", stream: "record", rule: "target" };
const ORDER = ["queue", "table", "bucket", "topic", "stream", "rule"];

/** What an item says of itself, and its content. */
const item = (each) =>
  h(
    "div.item",
    {},
    h("p.facts", {}, Object.entries(each.facts).map(([fact, value]) => h("span", {}, h("span.soft", {}, fact, " "), h("b", {}, value)))),
    each.text !== null && text(each.text),
  );

/** A fact in a word or two: 3 items, 1 item, rate(1 hour). */
const brief = ([fact, value]) => (/^\d/.test(value) ? `${value} ${value === "1" ? fact.replace(/s$/, "") : fact}` : value);

export function data(kind, name) {
  let words = "";
  let stores = [];
  const page = split("Data", {
    back: "#/data",
    label: "Queues, tables, buckets and more",
    tools: [
      search("Search by name", (value) => ((words = value), list())),
      h("button.quiet", { type: "button", on: { click: () => load() } }, "Refresh"),
    ],
  });

  function list() {
    const found = stores.filter((each) => `${each.kind} ${each.name}`.toLowerCase().includes(words));
    found.sort((a, b) => ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind) || a.name.localeCompare(b.name));
    show(
      page.list,
      found.map((each) =>
        row(
          `#/data/${each.kind}/${encodeURIComponent(each.name)}`,
          each.kind === kind && each.name === name,
          h("span.kind", {}, each.kind),
          h("span.path", {}, each.name),
          h("span.soft", {}, Object.entries(each.facts).slice(0, 1).map(brief)),
        ),
      ),
      !found.length && empty(words ? "Nothing here fits." : "There is nothing yet."),
    );
  }

  async function load() {
    try {
      stores = await get("data");
      list();
      await open();
    } catch (error) {
      show(page.list, empty(error.message));
    }
  }

  async function open() {
    if (!kind) return page.open(false, empty("Choose something to look into.", "Messages are not taken out of queues."));
    const found = stores.find((each) => each.kind === kind && each.name === name);
    try {
      const items = await get(`data/${encodeURIComponent(kind)}?name=${encodeURIComponent(name)}`);
      page.open(
        true,
        h(
          "div.title",
          {},
          h("h2", {}, h("span.kind", {}, kind), " ", h("span.path", {}, name)),
          h("p.facts.soft", {}, items.length < MOST ? count(items.length, WORDS[kind]) : `the first ${MOST} ${WORDS[kind]}s`),
        ),
        found && Object.keys(found.facts).length > 0 && pairs(Object.entries(found.facts)),
        items.map((each) =>
          section(each.name, item(each), { open: items.length < 12 }),
        ),
        !items.length && empty("It is empty."),
      );
    } catch (error) {
      page.open(true, empty(error.message));
    }
    return undefined;
  }

  load();
  return { element: page.element, close: () => {} };
}
