/** A WebSocket of the board that is opened again when it breaks. */

export interface SocketEvents {
  text(text: string): void;
  /** `reason` is the server's, where it said one. */
  connected(up: boolean, reason: string): void;
}

const FIRST_MS = 500;
const LAST_MS = 8000;

export class Socket {
  private socket: WebSocket | null = null;
  private delay_ms = FIRST_MS;
  private timer = 0;
  private readonly path: () => string;
  private readonly events: SocketEvents;

  constructor(path: () => string, events: SocketEvents) {
    this.path = path;
    this.events = events;
  }

  open(): void {
    window.clearTimeout(this.timer);
    if (this.socket) return;
    const socket = new WebSocket(new URL(this.path(), location.href.replace(/^http/, "ws")));
    this.socket = socket;
    socket.onopen = () => {
      this.delay_ms = FIRST_MS;
      this.events.connected(true, "");
    };
    socket.onmessage = (message) => this.events.text(String(message.data));
    socket.onclose = (event) => {
      this.socket = null;
      this.events.connected(false, event.reason);
      this.timer = window.setTimeout(() => this.open(), this.delay_ms);
      this.delay_ms = Math.min(this.delay_ms * 2, LAST_MS);
    };
  }

  /** Send a text; false where nobody is there to get it. */
  send(text: string): boolean {
    if (this.socket?.readyState !== WebSocket.OPEN) return false;
    this.socket.send(text);
    return true;
  }
}
