/**
 * Lets libraries that make <style> elements work under a content security policy without inline
 * styles: what they write goes into constructed style sheets, which the policy trusts.
 */

function adopted(holder: HTMLElement): HTMLElement {
  const sheet = new CSSStyleSheet();
  let text = "";
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
  Object.defineProperties(holder, {
    sheet: { value: sheet },
    textContent: {
      get: () => text,
      set: (value: string) => {
        text = value;
        sheet.replaceSync(value);
      },
    },
    remove: {
      value: () => {
        document.adoptedStyleSheets = document.adoptedStyleSheets.filter((one) => one !== sheet);
        holder.parentNode?.removeChild(holder);
      },
    },
  });
  return holder;
}

/** From now on `document.createElement("style")` gives an element whose text is adopted. */
export function adoptStyleElements(): void {
  const create = document.createElement.bind(document);
  const make = (name: string, options?: ElementCreationOptions): HTMLElement =>
    name.toLowerCase() === "style" ? adopted(create("template")) : create(name, options);
  document.createElement = make as typeof document.createElement;
}
