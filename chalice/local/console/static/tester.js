// A WebSocket client on the page. It stays connected while other views are looked at.

import { h, show } from "./dom.js";
import { clock } from "./format.js";
import { field, text } from "./parts.js";

const state = { socket: null, log: [], redraw: () => {} };

export function tester() {
  const path = h("input.mono", { value: "/", "aria-label": "Path and query" });
  const protocol = h("input.mono", { placeholder: "none", autocomplete: "off" });
  const frame = h("textarea.mono", { rows: 3, spellcheck: "false", "aria-label": "Frame", placeholder: "hello" });
  const toggle = h("button.main", { type: "submit" });
  const say = h("button.main", { type: "submit" }, "Send frame");
  const list = h("ol.frames", { "aria-label": "Frames", "aria-live": "polite" });

  function redraw() {
    const isOpen = state.socket !== null;
    toggle.textContent = isOpen ? "Disconnect" : "Connect";
    path.disabled = protocol.disabled = isOpen;
    say.disabled = frame.disabled = state.socket?.readyState !== WebSocket.OPEN;
    show(
      list,
      state.log.map(([sign, at, content]) =>
        h(
          `li.${{ "→": "in", "←": "out", "·": "event" }[sign]}`,
          {},
          h("span.sign", {}, sign),
          h("time", {}, clock(at, true)),
          text(content),
        ),
      ),
    );
  }
  state.redraw = redraw;
  redraw();
  return [
    h("div.title", {}, h("h2", {}, "A client of your own")),
    h(
      "form.composer",
      { on: { submit: (event) => (event.preventDefault(), state.socket ? state.socket.close() : connect(path.value, protocol.value.trim())) } },
      field("Path", path, "the API is at /"),
      field("Subprotocol", protocol),
      h("p.buttons", {}, toggle),
    ),
    list,
    h(
      "form.composer",
      {
        on: {
          submit: (event) => (event.preventDefault(), send(frame.value)),
          keydown: (event) => {
            if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) event.currentTarget.requestSubmit();
          },
        },
      },
      field("Frame", frame),
      h("p.buttons", {}, say, h("span.soft.keys", {}, "Ctrl Enter")),
    ),
  ];
}

function note(sign, content) {
  state.log.push([sign, Date.now() / 1000, content]);
  if (state.log.length > 200) state.log.shift();
  state.redraw();
}

function connect(path, protocol) {
  const url = new URL(path || "/", location.origin.replace("http", "ws"));
  let socket;
  try {
    socket = protocol ? new WebSocket(url, protocol) : new WebSocket(url);
  } catch (error) {
    note("·", error.message);
    return;
  }
  state.socket = socket;
  socket.addEventListener("open", () => note("·", `Connected${socket.protocol ? `, ${socket.protocol}` : ""}`));
  socket.addEventListener("message", (event) => note("←", typeof event.data === "string" ? event.data : "bytes"));
  socket.addEventListener("close", (event) => {
    state.socket = null;
    note("·", `Closed: ${event.code} ${event.reason}`.trim());
  });
  state.redraw();
}

function send(content) {
  state.socket.send(content);
  note("→", content);
}
