/** The other boards on the network, as links to their pages. */

import { board, type Device } from "./api.ts";
import { byId, h } from "./dom.ts";

let shown = "";

/** Show the boards that are known now; without any, nothing. What they call themselves is text. */
export async function showOthers(): Promise<void> {
  const { devices } = await board.devices();
  const now = JSON.stringify(devices);
  if (now === shown) return;
  shown = now;
  byId("others").hidden = devices.length === 0;
  byId("others-list").replaceChildren(...devices.map(row));
}

function row(device: Device): HTMLElement {
  // By its address: not every computer knows what a name on the network means.
  const place = `http://${device.ip}:${device.port}/`;
  const link = h("a", { href: place, rel: "noreferrer", title: `${device.hostname}.local` }, device.instance_name);
  return h("li", {}, link);
}
