// A form for a request, and the answer under it.

import { post } from "./api.js";
import { h, show } from "./dom.js";
import { duration, size } from "./format.js";
import { body, field, pairs, section, stack, status } from "./parts.js";

const BODILESS = new Set(["GET", "HEAD", "DELETE", "OPTIONS"]);

/**
 * Return the form. `start` is {method, path, parameters, headers, body, contentTypes}; a path may
 * have {names} in it, for which there are fields then. `fixed` leaves method and path as they are.
 */
export function composer(start, { fixed = false } = {}) {
  const answer = h("div.answer", { "aria-live": "polite" });
  const methodInput = h("input.mono.short", { value: start.method, "aria-label": "Method", size: 8 });
  const pathInput = h("input.mono", { value: start.path, "aria-label": "Path and query" });
  const parameters = (start.parameters ?? []).map((each) => ({
    ...each,
    input: h("input.mono", { required: true, name: each.name, autocomplete: "off" }),
  }));
  const query = table("query", []);
  const headers = table("header", start.headers ?? []);
  const types = start.contentTypes ?? [];
  const type = types.length > 0 && h("select", {}, types.map((each) => h("option", {}, each)));
  const content = h("textarea.mono", { rows: 7, spellcheck: "false", value: start.body ?? "", "aria-label": "Body" });
  const button = h("button.main", { type: "submit", "aria-keyshortcuts": "Control+Enter", data: fixed ? { resend: "" } : {} }, "Send");
  const extra = (start.extra ?? []).map((each) => ({
    ...each,
    input: h("input.mono", { autocomplete: "off", placeholder: each.placeholder ?? "" }),
  }));
  const takesBody = !fixed || !BODILESS.has(start.method);

  const form = h(
    "form.composer",
    {
      on: {
        submit: (event) => (event.preventDefault(), send()),
        keydown: (event) => {
          if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
        },
      },
    },
    !fixed && h("div.target", {}, methodInput, pathInput),
    parameters.map((each) => field(each.name, each.input, each.greedy ? "may have slashes" : "in the path")),
    extra.map((each) => field(each.label, each.input, each.name)),
    fixed && query.element,
    headers.element,
    takesBody && type && field("Content type", type),
    takesBody && field("Body", content),
    h("p.buttons", {}, button, h("span.soft.keys", {}, "Ctrl Enter")),
  );

  function target() {
    if (!fixed) return pathInput.value;
    const path = parameters.reduce((found, { name, greedy, input }) => {
      const value = greedy ? input.value.split("/").map(encodeURIComponent).join("/") : encodeURIComponent(input.value);
      return found.replace(greedy ? `{${name}+}` : `{${name}}`, () => value);
    }, start.path);
    const pieces = query.read().map((pair) => pair.map(encodeURIComponent).join("="));
    return pieces.length ? `${path}?${pieces.join("&")}` : path;
  }

  function asked() {
    const list = headers.read();
    for (const each of extra) if (each.input.value) list.push([each.name, each.input.value]);
    const text = takesBody ? content.value : "";
    const has = list.some(([name]) => name.toLowerCase() === "content-type");
    if (text && type && !has) list.push(["content-type", type.value]);
    return {
      method: fixed ? start.method : methodInput.value.trim().toUpperCase(),
      target: target(),
      headers: list,
      body: text,
    };
  }

  async function send() {
    button.disabled = true;
    try {
      show(answer, answered(await post("send", asked())));
    } catch (error) {
      show(answer, h("p.error", {}, error.message));
    } finally {
      button.disabled = false;
    }
  }

  return h("div", {}, form, answer);
}

/** What came back. */
function answered(each) {
  const failures = each.lines.filter((line) => line.stack);
  return [
    h(
      "p.facts",
      {},
      status(each),
      h("span", {}, duration(each.ms)),
      each.answer && h("span.soft", {}, size(each.answer.body.size)),
      h("a", { href: `#/requests/${each.id}` }, "All of it"),
    ),
    each.answer && body(each.answer.body),
    failures.map((line) => section("Stack", stack(line.stack))),
    each.answer && section("Headers of the answer", pairs(each.answer.headers), { open: false }),
  ];
}

/** Rows of names and values; there is always one more to fill in. */
function table(what, start) {
  const rows = h("div.rows");
  const add = (name = "", value = "") => {
    const input = (part, content) =>
      h("input.mono", {
        value: content,
        placeholder: part,
        autocomplete: "off",
        "aria-label": `${what} ${part}`,
        on: { input: grow },
      });
    rows.append(h("div.pair", {}, input("name", name), input("value", value)));
  };
  const grow = () => {
    const last = rows.lastElementChild;
    if (!last || [...last.children].some((each) => each.value)) add();
  };
  start.forEach(([name, value]) => add(name, value));
  grow();
  const title = what === "query" ? "Query" : "Headers";
  return {
    element: h("fieldset", {}, h("legend", {}, title), rows),
    read: () =>
      [...rows.children]
        .map((each) => [each.children[0].value.trim(), each.children[1].value])
        .filter(([name]) => name),
  };
}
