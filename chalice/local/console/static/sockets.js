// The clients of the WebSocket API, what is said, and a client to test with.

import { get, post } from "./api.js";
import { h, notice, show } from "./dom.js";
import { clock, count } from "./format.js";
import { empty, text } from "./parts.js";
import { row, split } from "./split.js";
import { store, watch } from "./store.js";
import { tester } from "./tester.js";

const SIGNS = { in: ["→", "from the client"], out: ["←", "to the client"], event: ["·", "event"] };

export function sockets(chosen) {
  const isTester = chosen === "test";
  const id = chosen && !isTester ? Number(chosen) : null;
  const page = split("WebSockets", { back: "#/sockets", label: "Clients" });
  const frames = h("ol.frames", { "aria-label": "Frames" });
  let last = 0;

  function list() {
    const all = [...store.clients.values()].reverse();
    show(
      page.list,
      store.app?.sockets &&
        row("#/sockets/test", isTester, h("span.pill.moved", {}, "test"), h("span.path", {}, "Connect a client of your own")),
      all.map((each) =>
        row(
          `#/sockets/${each.id}`,
          each.id === id,
          h(`span.pill.${each.state === "open" ? "good" : each.state === "refused" ? "bad" : "none"}`, {}, each.state),
          h("span.path", {}, each.connection_id || each.address),
          h("span.soft", {}, count(each.frames, "frame")),
          h("time", {}, clock(each.opened_at)),
        ),
      ),
      !store.app?.sockets && empty("The app has no WebSocket handlers.", "@app.on_ws_message makes one."),
      store.app?.sockets && !all.length && empty("Nobody is connected."),
    );
  }

  function add(frame) {
    if (frame.id <= last) return;
    last = frame.id;
    frames.append(shown(frame));
    frames.lastElementChild.scrollIntoView({ block: "nearest" });
  }

  async function open() {
    if (isTester) return page.open(true, tester());
    if (id === null) return page.open(false, empty("Choose a client to see what is said."));
    try {
      const client = await get(`clients/${id}`);
      const input = h("input.mono", { "aria-label": "Frame to the client", placeholder: "a frame to this client", autocomplete: "off" });
      const act = (name, content) => post(`clients/${id}/${name}`, content).catch((error) => notice(error.message));
      page.open(
        true,
        h(
          "div.title",
          {},
          h("h2", {}, h("span.path", {}, client.connection_id || "Client")),
          h("p.facts", {}, h("span", {}, client.state), h("span.soft", {}, client.address), h("span.soft", {}, client.agent)),
        ),
        frames,
        h(
          "form.say",
          {
            on: {
              submit: async (event) => {
                event.preventDefault();
                await act("send", { text: input.value });
                input.value = "";
              },
            },
          },
          input,
          h("button.main", { type: "submit" }, "Send"),
          h("button", { type: "button", on: { click: () => act("close") } }, "Close it"),
        ),
      );
      client.said.forEach(add);
    } catch (error) {
      page.open(true, empty(error.message));
    }
    return undefined;
  }

  list();
  open();
  return {
    element: page.element,
    close: watch((kind, data) => {
      if (kind === "all" || kind === "app" || kind === "client") list();
      if (kind === "frame" && data.client === id) add(data);
    }),
  };
}

function shown(frame) {
  const [sign, title] = SIGNS[frame.direction];
  const { body } = frame;
  return h(
    `li.${frame.direction}`,
    {},
    h("span.sign", { title }, sign),
    h("time", {}, clock(frame.at, true)),
    body.hex === undefined ? text(body.text) : h("code", {}, `${body.hex} …`),
  );
}
