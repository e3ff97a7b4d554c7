// Pieces that several views are made of.

import { h } from "./dom.js";
import { clock, size, tone } from "./format.js";
import { json, text } from "./json.js";

/** A status as a pill; what has none yet, or never, says what it is. */
export function status(exchange) {
  if (exchange.status !== null) return h(`span.pill.${tone(exchange.status)}`, {}, exchange.status);
  const [kind, word] = {
    running: ["none", "…"],
    failed: ["bad", "failed"],
    gone: ["none", "gone"],
    done: ["good", "ok"],
  }[exchange.state];
  return h(`span.pill.${kind}`, { title: exchange.state }, word);
}

/** A method, each in its own weight. */
export const method = (name) => h(`span.method.${name.toLowerCase()}`, {}, name);

/** A titled part of a page that can be closed. */
export function section(title, content, { open = true, aside = null } = {}) {
  return h(
    "details.section",
    { open },
    h("summary", {}, h("h3", {}, title), aside && h("span.soft", {}, aside)),
    h("div.content", {}, content),
  );
}

/** Where something is in the source: app.py:14, of "app.py:14 in `index`". */
export const place = (each) => h("code", {}, each.place.split(" in ")[0]);

/** Names and values: headers, facts. */
export function pairs(list) {
  if (!list.length) return h("p.soft", {}, "None.");
  return h(
    "dl.pairs",
    {},
    list.map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value))),
  );
}

/** A body as the API describes it. */
export function body(found) {
  if (!found) return h("p.soft", {}, "The gateway answered before anybody read the body.");
  if (!found.size) return h("p.soft", {}, "Empty.");
  if (found.hex !== undefined) {
    const bytes = found.hex.match(/../g).join(" ");
    return [h("p.soft", {}, `${size(found.size)}, not text:`), h("pre.code", { tabindex: 0 }, bytes, found.cut ? " …" : "")];
  }
  return [
    found.cut && h("p.warn-text", {}, `The first 64 KiB of ${size(found.size)}:`),
    text(found.text),
  ];
}

/** The stack of a failure, the user's own frames in full and the others in a line. */
export function stack(chain) {
  return h(
    "div.stack",
    {},
    chain.map((error, index) => [
      index > 0 &&
        h("p.because", {}, chain[index - 1].because === "cause" ? "caused by" : "while handling"),
      h("p.error", {}, error.message),
      h("ol", {}, runs(error.frames).map((run) => (run.length < 3 ? run.map(frame) : folded(run)))),
    ]),
  );
}

/** Frames in lists: each of the user's own alone, the others together. */
function runs(frames) {
  const found = [];
  let others = null;
  for (const each of frames) {
    if (each.own) others = null;
    if (others) others.push(each);
    else found.push(each.own ? [each] : (others = [each]));
  }
  return found;
}

const folded = (run) =>
  h("li.foreign", {}, h("details", {}, h("summary", {}, `${run.length} calls outside the app`), h("ol", {}, run.map(frame))));

function frame(each) {
  const place = `${each.file}:${each.line}`;
  if (!each.own) return h("li.foreign", {}, h("code", {}, each.function), " ", h("span.soft", {}, place));
  return h(
    "li.own",
    {},
    h("p", {}, h("code", {}, each.function), " ", h("strong", {}, place)),
    h(
      "pre.source",
      {},
      trimmed(each).map(([number, line]) =>
        h(number === each.line ? "span.here" : "span", {}, h("i", {}, number), line || " "),
      ),
    ),
  );
}

/** The source of a frame without blank lines at its ends. */
function trimmed({ source, line: here }) {
  const counts = ([number, text]) => number === here || text.trim();
  const first = source.findIndex(counts);
  return source.slice(first, source.findLastIndex(counts) + 1);
}

/** Log lines: with their stacks, and with links to their requests. */
export function lines(list, { link = false, stacks = false } = {}) {
  return h("div.lines", { role: "log" }, list.map((each) => line(each, { link, stacks })));
}

/** One log line. */
export function line(each, { link, stacks }) {
  const level = each.level.toLowerCase();
  return h(
    `div.line${level ? `.${level}` : ""}`,
    {},
    h("time", {}, clock(each.at, true)),
    h("span.level", {}, each.level),
    h("span.said", {}, each.text || " "),
    link && each.exchange && h("a.to", { href: `#/requests/${each.exchange}` }, `#${each.exchange}`),
    stacks && each.stack && h("details", {}, h("summary", {}, "Stack"), stack(each.stack)),
  );
}

/** What a function returned, or why it failed. */
export function result(invocation) {
  if (invocation.result === null) return h("p.soft", {}, "It has not returned.");
  if (!invocation.error) return text(invocation.result);
  try {
    const failure = JSON.parse(invocation.result);
    return h("p.error", {}, `${failure.errorType}: ${failure.errorMessage}`);
  } catch {
    return text(invocation.result);
  }
}

/** Nothing to show, and what to do about it. */
export const empty = (title, hint) => h("div.empty", {}, h("p", {}, title), hint && h("p.soft", {}, hint));

/** A field with its label. */
export function field(label, input, hint = null) {
  return h("label.field", {}, h("span", {}, label, hint && h("em", {}, hint)), input);
}

export { json, text };
