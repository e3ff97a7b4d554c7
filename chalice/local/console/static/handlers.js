// The handlers that are no views, with an event to send to each.

import { get, post } from "./api.js";
import { h, show } from "./dom.js";
import { duration } from "./format.js";
import { empty, field, lines, place, result, section, stack, status } from "./parts.js";
import { row, search, split } from "./split.js";
import { store, watch } from "./store.js";

export const KINDS = {
  authorizer: "authorizer",
  dynamodb: "table stream",
  eventbridge: "event bus",
  event: "event",
  function: "function",
  kafka: "Kafka",
  kinesis: "stream",
  s3: "bucket",
  schedule: "schedule",
  sns: "topic",
  sqs: "queue",
  websocket: "WebSocket",
};

export function handlers(chosen, from) {
  let words = "";
  const page = split("Handlers", {
    back: "#/handlers",
    label: "Handlers",
    tools: [search("Search handlers", (value) => ((words = value), list()))],
  });

  function list() {
    const found = (store.app?.handlers ?? []).filter((each) =>
      `${each.name} ${each.kind} ${each.source}`.toLowerCase().includes(words),
    );
    show(
      page.list,
      found.map((each) =>
        row(
          `#/handlers/${encodeURIComponent(each.name)}`,
          each.name === chosen,
          h("span.kind", {}, KINDS[each.kind] ?? each.kind),
          h("span.path", {}, each.name),
          h("span.soft", {}, each.source),
        ),
      ),
    );
    if (!found.length) {
      show(page.list, empty(words ? "No handler fits." : "The app has no handlers but views.", words ? null : "@app.on_sqs_message, @app.schedule and others make some."));
    }
  }

  function open() {
    const each = (store.app?.handlers ?? []).find((one) => one.name === chosen);
    if (!each) page.open(Boolean(chosen), empty(chosen ? "There is no such handler." : "Choose a handler to send it an event."));
    else page.open(true, described(each, from));
  }

  list();
  open();
  return {
    element: page.element,
    close: watch((kind) => {
      if (kind !== "all" && kind !== "app") return;
      list();
      if (!page.detail.contains(document.activeElement)) open();
    }),
  };
}

function described(each, from) {
  const answer = h("div.answer", { "aria-live": "polite" });
  const event = h("textarea.mono", { rows: 14, spellcheck: "false", value: "{}" });
  const button = h("button.main", { type: "submit", "aria-keyshortcuts": "Control+Enter r", data: { resend: "" } }, "Send event");
  const form = h(
    "form.composer",
    {
      on: {
        submit: (submitted) => (submitted.preventDefault(), send()),
        keydown: (pressed) => {
          if (pressed.key === "Enter" && (pressed.ctrlKey || pressed.metaKey)) form.requestSubmit();
        },
      },
    },
    field("Event", event, "JSON, as Lambda hands it over"),
    h("p.buttons", {}, button, h("span.soft.keys", {}, "Ctrl Enter")),
  );
  const samples = sampler(each.name, event, !from);
  if (from) fillFrom(event, from);

  async function send() {
    let value;
    try {
      value = JSON.parse(event.value);
    } catch (error) {
      show(answer, h("p.error", {}, `The event is not JSON: ${error.message}`));
      return;
    }
    button.disabled = true;
    try {
      show(answer, answered(await post("invoke", { handler: each.name, event: value })));
    } catch (error) {
      show(answer, h("p.error", {}, error.message));
    } finally {
      button.disabled = false;
    }
  }

  return [
    h(
      "div.title",
      {},
      h("h2", {}, h("span.path", {}, each.name)),
      h("p.facts", {}, place(each), h("span.soft", {}, `${each.memory} MiB, ${each.timeout} s`)),
      each.doc && h("p.doc", {}, each.doc),
      h("p.tags", {}, h("span.tag", {}, [KINDS[each.kind] ?? each.kind, each.source].filter(Boolean).join(": "))),
    ),
    form,
    answer,
    samples,
  ];
}

function answered(each) {
  const failures = each.lines.filter((line) => line.stack);
  return [
    h("p.facts", {}, status(each), h("span", {}, duration(each.ms)), h("a", { href: `#/requests/${each.id}` }, "All of it")),
    each.invocations.map(result),
    failures.map((line) => section("Stack", stack(line.stack))),
    each.lines.length > 0 && section("Log", lines(each.lines)),
  ];
}

/** Fields for what can be said of a sample, which is made anew as they are filled in. */
function sampler(name, event, isWanted) {
  const fields = h("div.composer");
  const element = section("Make another sample", fields, { open: false });
  const given = () =>
    new URLSearchParams(
      [...fields.querySelectorAll("input")].filter((each) => each.value).map((each) => [each.name, each.value]),
    );
  const complaint = h("p.error");

  async function make() {
    try {
      const found = await get(`samples/${encodeURIComponent(name)}?${given()}`);
      event.value = JSON.stringify(found.event, null, 2);
      show(complaint);
      return found.options;
    } catch (error) {
      show(complaint, error.message);
      return null;
    }
  }

  async function begin() {
    const kept = event.value;
    const options = Object.entries((await make()) ?? {});
    if (!isWanted) event.value = kept;
    if (!options.length) return element.remove();
    return show(
      fields,
      options.map(([option, what]) => field(option, h("input.mono", { name: option, autocomplete: "off", on: { change: make } }), what)),
      complaint,
      h("p.buttons", {}, h("button", { type: "button", on: { click: make } }, "Make the sample again")),
    );
  }
  begin();
  return element;
}

async function fillFrom(event, id) {
  try {
    const { invocations } = await get(`exchanges/${Number(id)}`);
    event.value = JSON.stringify(invocations[0].event, null, 2);
  } catch {
    event.value = "{}"; // it is not kept any more
  }
}
