// What the page asks of the console's API.

/** What was asked for could not be had; the message is for people. */
export class AskError extends Error {}

async function ask(name, options) {
  let answer;
  try {
    answer = await fetch(`api/${name}`, options);
  } catch {
    throw new AskError("chalice local does not answer");
  }
  const type = answer.headers.get("content-type") || "";
  const content = type.startsWith("application/json") ? await answer.json() : await answer.text();
  if (!answer.ok) throw new AskError(content.error || content || `status ${answer.status}`);
  return content;
}

/** Return what there is of a name. */
export const get = (name) => ask(name);

/** Have something done, and return what came of it. */
export const post = (name, content = {}) =>
  ask(name, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(content),
  });

/**
 * Hear of what changes. `opened` is called whenever the line is open (again), `heard` with each
 * {kind, data}, `lost` when it is lost. While nobody sees the page there is no line: browsers open
 * few of them to one server.
 */
export function listen({ opened, heard, lost }) {
  let source = null;
  const open = () => {
    if (source) return;
    source = new EventSource("api/events");
    source.addEventListener("open", opened);
    source.addEventListener("error", lost);
    source.addEventListener("message", (event) => JSON.parse(event.data).forEach(heard));
  };
  const close = () => {
    source?.close();
    source = null;
  };
  document.addEventListener("visibilitychange", () => (document.hidden ? close() : open()));
  window.addEventListener("pagehide", close);
  window.addEventListener("pageshow", open);
  open();
}
