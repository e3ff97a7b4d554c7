// The routes with a form each, and a form for any request.

import { get } from "./api.js";
import { composer } from "./composer.js";
import { repeated } from "./exchange.js";
import { h, show } from "./dom.js";
import { empty, json, method, place, section } from "./parts.js";
import { row, search, split } from "./split.js";
import { store, watch } from "./store.js";

const AUTHORIZERS = {
  app: "an authorizer of the app",
  cognito: "a Cognito user pool",
  iam: "an IAM signature",
  custom: "a Lambda authorizer elsewhere",
};

export function routes(chosen) {
  let words = "";
  const page = split("Routes", {
    back: "#/routes",
    label: "Routes",
    tools: [search("Search routes", (value) => ((words = value), list()))],
  });

  const all = () =>
    (store.app?.routes ?? []).flatMap((route) =>
      route.methods.map((each) => ({ ...each, route, id: `${each.method} ${route.path}` })),
    );

  function list() {
    const found = all().filter((each) => `${each.id} ${each.view}`.toLowerCase().includes(words));
    show(
      page.list,
      found.map((each) =>
        row(
          `#/routes/${encodeURIComponent(each.id)}`,
          each.id === chosen,
          method(each.method),
          h("span.path", {}, each.route.path),
          h("span.soft", {}, each.view),
        ),
      ),
    );
    if (!found.length) {
      show(page.list, empty(words ? "No route fits." : "The app has no routes.", words ? null : "@app.route makes one."));
    }
  }

  function open() {
    const found = all().find((each) => each.id === chosen);
    if (!found) page.open(Boolean(chosen), empty(chosen ? "There is no such route." : "Choose a route to call it."));
    else page.open(true, described(found));
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

function described(each) {
  const { authorizer, route } = each;
  const extra = [];
  if (authorizer) {
    extra.push({ label: "Token", name: authorizer.header, placeholder: `for ${authorizer.name}` });
  }
  if (each.api_key) extra.push({ label: "API key", name: "x-api-key", placeholder: "given with --api-key" });
  return [
    h(
      "div.title",
      {},
      h("h2", {}, method(each.method), " ", h("span.path", {}, route.path)),
      h("p.facts", {}, place(each)),
      each.doc && h("p.doc", {}, each.doc),
      h(
        "p.tags",
        {},
        authorizer && h("span.tag", {}, `${AUTHORIZERS[authorizer.kind]}: ${authorizer.name}`),
        each.api_key && h("span.tag", {}, "wants an API key"),
        each.cors && h("span.tag", {}, "CORS"),
      ),
    ),
    composer(
      {
        method: each.method,
        path: route.path,
        parameters: route.parameters,
        contentTypes: each.content_types,
        extra,
      },
      { fixed: true },
    ),
    operation(each),
  ];
}

/** The part of the API document that is about a route; it is asked for when it is opened. */
function operation(each) {
  const content = h("div");
  const part = section("OpenAPI", content, { open: false });
  part.addEventListener("toggle", async () => {
    if (!part.open || content.childElementCount) return;
    try {
      const document = await get("openapi");
      const found = document.paths?.[each.route.path] ?? {};
      show(content, json(found[each.method.toLowerCase()] ?? found));
    } catch (error) {
      show(content, h("p.error", {}, error.message));
    }
  });
  return part;
}

/** A form for any request, filled in with one that was made. */
export function send(chosen) {
  const content = h("div.single", {}, h("a.back", { href: chosen ? `#/requests/${chosen}` : "#/requests" }, "← Requests"), h("h1", {}, "Edit and send"));
  (async () => {
    try {
      const each = await get(`exchanges/${Number(chosen)}`);
      const { method: name, target, headers, body } = repeated(each);
      const cut = each.body && (each.body.cut || each.body.hex !== undefined) && each.body.size > 0;
      if (cut) content.append(h("p.warn-text", {}, "The body was not kept whole: write another."));
      content.append(composer({ method: name, path: target, headers, body: cut ? "" : body }));
    } catch (error) {
      content.append(empty(error.message));
    }
  })();
  return { element: content, close: () => {} };
}
