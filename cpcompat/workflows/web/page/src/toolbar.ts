/** One stop of the Tab key for a row of buttons, in which the arrow keys move. */

export function rove(place: HTMLElement, selector = "button"): void {
  const items = (): HTMLElement[] => [...place.querySelectorAll<HTMLElement>(selector)].filter((item) => !item.hidden);
  const settle = (to?: HTMLElement): void => {
    const all = items();
    const chosen = to ?? all.find((item) => item.tabIndex === 0) ?? all[0];
    all.forEach((item) => { item.tabIndex = item === chosen ? 0 : -1; });
  };
  place.addEventListener("focusin", (event) => {
    const item = (event.target as HTMLElement).closest<HTMLElement>(selector);
    if (item) settle(item);
  });
  place.addEventListener("keydown", (event) => {
    const all = items();
    const at = all.indexOf(event.target as HTMLElement);
    const ways: Record<string, number> = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: all.length - 1 };
    const to = ways[event.key];
    if (at < 0 || to === undefined) return;
    event.preventDefault();
    all[(to + all.length) % all.length]?.focus();
  });
  settle();
}
