// Elements made of tags, properties and children. Text is text: nothing is ever read as HTML.

const SVG = "http://www.w3.org/2000/svg";

/** Make an element: h("a.row", {href: "#/", on: {click: go}}, "text", child, null). */
export function h(tag, properties = {}, ...children) {
  const [name, ...classes] = tag.split(".");
  return fill(document.createElement(name), classes, properties, children);
}

/** Make an element of SVG. */
export function svg(tag, properties = {}, ...children) {
  const [name, ...classes] = tag.split(".");
  return fill(document.createElementNS(SVG, name), classes, properties, children);
}

function fill(element, classes, properties, children) {
  if (classes.length) element.classList.add(...classes);
  for (const [name, value] of Object.entries(properties)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "on") {
      for (const [event, listener] of Object.entries(value)) element.addEventListener(event, listener);
    } else if (name === "data") {
      Object.assign(element.dataset, value);
    } else if (name === "value" || name === "checked" || name === "htmlFor") {
      element[name] = value;
    } else {
      element.setAttribute(name, value === true ? "" : String(value));
    }
  }
  put(element, ...children);
  return element;
}

/** Add children; null, undefined and false are none, lists are their items. */
export function put(element, ...children) {
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined || child === false) continue;
    element.append(child instanceof Node ? child : document.createTextNode(String(child)));
  }
  return element;
}

/** Replace all children. A link that had the focus has it again if it is still among them. */
export function show(element, ...children) {
  const active = document.activeElement;
  const href = active?.matches("a[href]") && element.contains(active) ? active.getAttribute("href") : null;
  element.replaceChildren();
  put(element, ...children);
  if (href) [...element.querySelectorAll("a[href]")].find((each) => each.getAttribute("href") === href)?.focus();
  return element;
}

/** Say something at the edge of the page for a moment. */
export function notice(text) {
  const place = document.getElementById("notice");
  show(place, h("p", {}, text));
  clearTimeout(notice.timer);
  notice.timer = setTimeout(() => show(place), 2600);
}

/** Copy text and say so. */
export async function copy(text, what) {
  try {
    await navigator.clipboard.writeText(text);
    notice(`${what} copied`);
  } catch {
    notice("The browser does not let the page copy");
  }
}
