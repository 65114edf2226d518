/** What a person set up on a map, kept for the tab: where it was, which layers were on. Never any data. */

const PREFIX = 'gridmap.';

export class Memory {
  /** @param {string} name which map this is */
  constructor(name) {
    this.name = PREFIX + name;
  }

  read(key, otherwise) {
    try {
      const text = sessionStorage.getItem(`${this.name}.${key}`);
      return text === null ? otherwise : JSON.parse(text);
    } catch {
      return otherwise; // A browser may forbid storage; then nothing is remembered.
    }
  }

  write(key, value) {
    try {
      sessionStorage.setItem(`${this.name}.${key}`, JSON.stringify(value));
    } catch {
      // See read.
    }
  }
}
