// JSON, in colour and indented.

import { h, put } from "./dom.js";

const TOKEN = /("(?:\\.|[^"\\])*")(\s*:)?|\b(true|false|null)\b|(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)/g;
const LONGEST = 200_000;

/** Return a block that shows a value. */
export function json(value) {
  return code(JSON.stringify(value, null, 2) ?? "undefined");
}

/** Return a block that shows text: in colour if it is JSON. */
export function text(content) {
  try {
    const value = JSON.parse(content);
    if (value !== null && typeof value === "object") return json(value);
  } catch {
    // not JSON
  }
  return h("pre.code", { tabindex: 0 }, content);
}

function code(content) {
  const block = h("pre.code", { tabindex: 0 });
  if (content.length > LONGEST) return put(block, content);
  let end = 0;
  for (const match of content.matchAll(TOKEN)) {
    const [all, string, colon, word] = match;
    put(block, content.slice(end, match.index));
    if (string) put(block, h(colon ? "span.key" : "span.string", {}, string), colon ?? "");
    else put(block, h(word ? "span.word" : "span.number", {}, all));
    end = match.index + all.length;
  }
  return put(block, content.slice(end));
}
