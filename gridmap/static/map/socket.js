/** A WebSocket that comes back by itself, and says what it is doing. */

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 15000;
/** Closing code of a route whose guard refused: coming back without a new sign-in is of no use. */
const REFUSED = new Set([1008, 4401, 4403]);

export class Socket {
  /**
   * @param {string} url
   * @param {(data: ArrayBuffer|string) => void} onMessage
   * @param {(state: 'connecting'|'open'|'offline'|'refused') => void} onState
   */
  constructor(url, onMessage, onState) {
    Object.assign(this, {url, onMessage, onState});
    this.pause = FIRST_PAUSE_MS;
    this.closed = false;
    onState('connecting');
    this.open();
    this.wake = () => { if (this.timer) this.open(); };
    window.addEventListener('online', this.wake);
  }

  open() {
    clearTimeout(this.timer);
    this.timer = null;
    if (this.closed) return;
    const socket = new WebSocket(this.url);
    socket.binaryType = 'arraybuffer';
    socket.onopen = () => {
      this.pause = FIRST_PAUSE_MS;
      this.onState('open');
    };
    socket.onmessage = (event) => this.onMessage(event.data);
    socket.onclose = (event) => this.onClose(event.code);
    this.socket = socket;
  }

  onClose(code) {
    if (this.closed) return;
    if (REFUSED.has(code)) {
      this.onState('refused');
      return;
    }
    this.onState('offline');
    // Spread out by chance: a restarted server is not met by every browser in the same instant.
    const waits = this.pause * (0.7 + 0.6 * Math.random());
    this.retryAt = performance.now() + waits;
    this.timer = setTimeout(() => this.open(), waits);
    this.pause = Math.min(this.pause * 2, LONGEST_PAUSE_MS);
  }

  /** Whether the message went out. */
  send(text) {
    if (this.socket.readyState !== WebSocket.OPEN) return false;
    this.socket.send(text);
    return true;
  }

  close() {
    this.closed = true;
    clearTimeout(this.timer);
    window.removeEventListener('online', this.wake);
    this.socket?.close();
  }
}
