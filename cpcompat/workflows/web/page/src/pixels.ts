/** What a display shows, from the bytes that the board sends, as the pixels of a canvas. */

export interface Picture {
  width: number;
  height: number;
  format: "mono" | "rgb565" | string;
  data: string;
}

const LIT = [0xd9, 0xf4, 0xff] as const;
const DARK = [0x06, 0x0a, 0x0d] as const;

/** Return red, green, blue and alpha of each pixel. Missing bytes are dark. */
export function pixels(picture: Picture): Uint8ClampedArray<ArrayBuffer> {
  const data = Uint8Array.from(atob(picture.data), (letter) => letter.charCodeAt(0));
  const out = new Uint8ClampedArray(picture.width * picture.height * 4);
  const colour = picture.format === "rgb565" ? rgb565(data, picture.width) : mono(data, picture.width);
  for (let y = 0, at = 0; y < picture.height; y += 1) {
    for (let x = 0; x < picture.width; x += 1, at += 4) {
      const [red, green, blue] = colour(x, y);
      out.set([red, green, blue, 255], at);
    }
  }
  return out;
}

type Colour = (x: number, y: number) => readonly [number, number, number];

// Rows of whole bytes, the leftmost pixel in the highest bit.
function mono(data: Uint8Array, width: number): Colour {
  const stride = (width + 7) >> 3;
  return (x, y) => (((data[y * stride + (x >> 3)] ?? 0) >> (7 - (x & 7))) & 1 ? LIT : DARK);
}

// Two bytes a pixel, the high one first, as display controllers take them.
function rgb565(data: Uint8Array, width: number): Colour {
  return (x, y) => {
    const at = (y * width + x) * 2;
    const word = ((data[at] ?? 0) << 8) | (data[at + 1] ?? 0);
    const [red, green, blue] = [word >> 11, (word >> 5) & 63, word & 31];
    return [(red << 3) | (red >> 2), (green << 2) | (green >> 4), (blue << 3) | (blue >> 2)];
  };
}
