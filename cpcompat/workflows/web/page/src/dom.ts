/** Makes elements: short to write, and never from text that is parsed as HTML. */

type Child = Node | string | null | undefined | false;
type Handler = (event: Event) => void;
export type Attributes = Record<string, string | number | boolean | null | undefined | Handler>;

/** Return an element. `onclick: f` listens; true is an empty attribute; false and null are none. */
export function h<K extends keyof HTMLElementTagNameMap>(
  name: K,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(key.slice(2), value);
    else if (value === true) element.setAttribute(key, "");
    else if (value !== false && value != null) element.setAttribute(key, String(value));
  }
  element.append(...children.filter((child): child is Node | string => child != null && child !== false));
  return element;
}

/** Return the element of an id that the page's HTML has. */
export function byId<T extends HTMLElement = HTMLElement>(id: string): T {
  const element = document.getElementById(id);
  if (!element) throw new Error(`the page has no #${id}`);
  return element as T;
}

/** Write a text only where it differs: unchanged nodes cost no layout and no announcement. */
export function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

/** Set or remove an attribute, where it differs. */
export function setAttribute(element: Element, name: string, value: string | null): void {
  if (value === null) element.removeAttribute(name);
  else if (element.getAttribute(name) !== value) element.setAttribute(name, value);
}

const PATHS = {
  run: "M5 3.5v9l7.5-4.5z",
  stop: "M4 4h8v8H4z",
  reload: "M13 3v3.5H9.5M12.6 6.3A5 5 0 1 0 13 9",
  reset: "M8 2v6M4.5 4.2a5 5 0 1 0 7 0",
  shield: "M8 2l5 2v4c0 3-2 5-5 6-3-1-5-3-5-6V4z",
  identify: "M6 12.5h4M6.5 14.5h3M8 1.5a4.5 4.5 0 0 0-2.5 8.2V11h5V9.7A4.5 4.5 0 0 0 8 1.5z",
  file: "M4 1.5h5L12.5 5v9.5H4zM9 1.5V5h3.5",
  folder: "M1.5 3.5h4.5l1.5 2h7v7.5h-13z",
  newFile: "M9 1.5H3.5v13H8M9 1.5L12.5 5v2.5M9 1.5V5h3.5M11.5 10v5M9 12.5h5",
  newFolder: "M14.5 8V5.5h-7l-1.5-2H1.5V13H8M12 10v5M9.5 12.5h5",
  upload: "M8 11V3M4.5 6.5L8 3l3.5 3.5M2.5 13.5h11",
  download: "M8 3v8M4.5 7.5L8 11l3.5-3.5M2.5 13.5h11",
  rename: "M2.5 13.5l.7-3L10.7 3l2.3 2.3-7.5 7.5zM9 4.7L11.3 7",
  trash: "M2.5 4.5h11M6 4.5v-2h4v2M4 4.5l.7 9h6.6l.7-9M6.7 7v4M9.3 7v4",
  save: "M2.5 2.5h8.5l2.5 2.5v8.5h-11zM5 2.5v4h5v-4M5 13.5V9.5h6v4",
  close: "M4 4l8 8M12 4l-8 8",
  chevron: "M6 4l4 4-4 4",
  code: "M5.5 4.5L2 8l3.5 3.5M10.5 4.5L14 8l-3.5 3.5",
  terminal: "M1.5 2.5h13v11h-13zM4 6l2.5 2L4 10M8 10.5h4",
  chip: "M4 4h8v8H4zM6 1.5V4M10 1.5V4M6 12v2.5M10 12v2.5M1.5 6H4M1.5 10H4M12 6h2.5M12 10h2.5",
  knobs: "M2 5h5M11 5h3M9 3v4M2 11h2M8 11h6M6 9v4",
  pause: "M5.5 3.5v9M10.5 3.5v9",
  clear: "M2.5 13.5h11M4 9.5l5.5-6 4 3.7-5.3 6.3H7z",
} as const;

export type IconName = keyof typeof PATHS;

/** Return a drawing of 16 units a side, in the colour of the text around it. */
export function icon(name: IconName): SVGSVGElement {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("viewBox", "0 0 16 16");
  svg.setAttribute("class", `icon icon-${name}`);
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(space, "path");
  path.setAttribute("d", PATHS[name]);
  svg.append(path);
  return svg;
}

/** Return a button that shows an icon alone; its name is read out and shown as a tip. */
export function iconButton(name: IconName, label: string, act: Handler, extra: Attributes = {}): HTMLButtonElement {
  return h("button", { type: "button", class: "icon-button", "aria-label": label, title: label, onclick: act, ...extra }, icon(name));
}
