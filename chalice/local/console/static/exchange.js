// One request: what was asked, answered, run and said.

import { post } from "./api.js";
import { copy, h, notice } from "./dom.js";
import { clock, count, duration, size } from "./format.js";
import { body, json, lines, method, pairs, result, section, stack, status } from "./parts.js";

const OWN = new Set(["host", "content-length", "connection", "accept-encoding"]);

/** Return what shows an exchange. */
export function detail(each) {
  const isRequest = each.kind === "http";
  const failures = each.lines.filter((line) => line.stack);
  return [
    h(
      "div.title",
      {},
      h("h2", {}, method(each.method), " ", h("span.path", {}, each.path)),
      h(
        "p.facts",
        {},
        status(each),
        h("span", {}, duration(each.ms) || "under way"),
        h("span.soft", {}, `at ${clock(each.at, true)}`),
        each.request_id && h("span.soft.mono", {}, each.request_id),
      ),
      isRequest ? requestButtons(each) : eventButtons(each),
    ),
    failures.map((line) => section("Stack", stack(line.stack))),
    each.answer &&
      section("Answer", [body(each.answer.body), h("h4", {}, "Headers"), pairs(each.answer.headers)], {
        aside: size(each.answer.body.size),
      }),
    isRequest &&
      section("Request", [
        (!each.body || each.body.size > 0) && [body(each.body), h("h4", {}, "Headers")],
        pairs(each.headers),
      ]),
    each.lines.length > 0 &&
      section("Log", lines(each.lines), { aside: count(each.lines.length, "line") }),
    each.invocations.map((invocation) =>
      section(
        `Function ${invocation.function}`,
        [
          h("h4", {}, "Event"),
          invocation.body_cut && h("p.warn-text", {}, "Its body is cut after 64 KiB."),
          json(invocation.event),
          h("h4", {}, "Result"),
          result(invocation),
        ],
        { open: !isRequest, aside: duration(invocation.ms) || "under way" },
      ),
    ),
  ];
}

function requestButtons(each) {
  const whole = canRepeat(each);
  const why = whole ? null : "The body was not kept whole";
  return h(
    "p.buttons",
    {},
    h(
      "button.main",
      {
        type: "button",
        disabled: !whole,
        title: why,
        data: { resend: "" },
        "aria-keyshortcuts": "r",
        on: { click: () => resend(each) },
      },
      "Send again",
    ),
    h("a.button", { href: `#/send/${each.id}` }, "Edit and send"),
    h(
      "button",
      { type: "button", disabled: !whole, title: why, on: { click: () => copy(curl(each), "curl command") } },
      "Copy as curl",
    ),
  );
}

function eventButtons(each) {
  const [invocation] = each.invocations;
  if (!invocation) return null;
  return h(
    "p.buttons",
    {},
    h(
      "button.main",
      {
        type: "button",
        disabled: invocation.body_cut,
        data: { resend: "" },
        "aria-keyshortcuts": "r",
        on: { click: () => invokeAgain(invocation) },
      },
      "Send again",
    ),
    h("a.button", { href: `#/handlers/${encodeURIComponent(invocation.function)}/${each.id}` }, "Edit and send"),
  );
}

const canRepeat = (each) =>
  each.body === null || (each.body.text !== undefined ? !each.body.cut : each.body.size === 0);

/** What `send` of the API takes, to ask for the same again. */
export function repeated(each) {
  return {
    method: each.method,
    target: each.path,
    headers: each.headers.filter(([name]) => name !== "content-length"),
    body: each.body?.text ?? "",
  };
}

async function resend(each) {
  await again(post("send", repeated(each)));
}

async function invokeAgain(invocation) {
  await again(post("invoke", { handler: invocation.function, event: invocation.event }));
}

async function again(sending) {
  try {
    const made = await sending;
    location.hash = `#/requests/${made.id}`;
    notice(`Sent again: ${made.status ?? made.state}`);
  } catch (error) {
    notice(error.message);
  }
}

/** The request as a command for a shell. */
export function curl(each) {
  const parts = ["curl", "-i"];
  if (each.method === "HEAD") parts.push("--head");
  else if (each.method !== "GET") parts.push("-X", each.method);
  parts.push(quoted(`${location.origin}${each.path}`));
  for (const [name, value] of each.headers) {
    if (!OWN.has(name)) parts.push("-H", quoted(`${name}: ${value}`));
  }
  if (each.body?.text) parts.push("--data-raw", quoted(each.body.text));
  return parts.join(" ");
}

const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`;
