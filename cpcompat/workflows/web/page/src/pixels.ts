/** What a display shows, from the bytes that the board sends, as the pixels of a canvas. */

export interface Picture {
  width: number;
  height: number;
  format: "grey" | "rgb" | string;
  data: string;
}

const LIT = [0xd9, 0xf4, 0xff] as const;
const DARK = [0x06, 0x0a, 0x0d] as const;

/** Return red, green, blue and alpha of each pixel. Missing bytes are dark. */
export function pixels(picture: Picture): Uint8ClampedArray<ArrayBuffer> {
  const data = Uint8Array.from(atob(picture.data), (letter) => letter.charCodeAt(0));
  const out = new Uint8ClampedArray(picture.width * picture.height * 4);
  const colour = picture.format === "rgb" ? rgb(data, picture.width) : grey(data, picture.width);
  for (let y = 0, at = 0; y < picture.height; y += 1) {
    for (let x = 0; x < picture.width; x += 1, at += 4) {
      const [red, green, blue] = colour(x, y);
      out.set([red, green, blue, 255], at);
    }
  }
  return out;
}

type Colour = (x: number, y: number) => readonly [number, number, number];

// A byte a pixel, as bright as a display of one colour is there.
function grey(data: Uint8Array, width: number): Colour {
  return (x, y) => {
    const part = (data[y * width + x] ?? 0) / 255;
    return [mixed(0, part), mixed(1, part), mixed(2, part)];
  };
}

function mixed(channel: 0 | 1 | 2, part: number): number {
  return Math.round(DARK[channel] + (LIT[channel] - DARK[channel]) * part);
}

// Three bytes a pixel: red, green and blue.
function rgb(data: Uint8Array, width: number): Colour {
  return (x, y) => {
    const at = (y * width + x) * 3;
    return [data[at] ?? 0, data[at + 1] ?? 0, data[at + 2] ?? 0];
  };
}
