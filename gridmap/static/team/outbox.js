/** What was done waits here until the server has it: one after the other, each with its key, so that it counts once. */

const FIRST_PAUSE_MS = 1500;
const LONGEST_PAUSE_MS = 30000;
const FIXES_AT_ONCE = 100;
/** Answers after which the same would be answered again: the act is told as refused and goes. */
const FINAL = new Set([400, 403, 404, 409, 413, 422]);

/** A UUID, also where the page has no secure connection. */
function makeKey() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  return [[0, 8], [8, 12], [12, 16], [16, 20], [20]].map(([from, to]) => hex.slice(from, to)).join('-');
}

async function toBase64(blob) {
  const bytes = new Uint8Array(await blob.arrayBuffer());
  let text = '';
  for (let at = 0; at < bytes.length; at += 0x8000) text += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  return btoa(text);
}

export class Outbox {
  /**
   * @param {import('./kept.js').Kept} kept
   * @param {number} team whose acts are sent
   * @param {object} host `onChange()`, `onSent()` after all of them, `onState('open' | 'away' | 'signed_out')`
   */
  constructor(kept, team, host) {
    Object.assign(this, {kept, team, host});
    this.acts = [];
    this.taken = [];
    this.told = [];
    this.pause = FIRST_PAUSE_MS;
    window.addEventListener('online', () => this.wake());
  }

  async start() {
    await this.reload();
    this.flush();
  }

  async reload() {
    // A telephone that changed hands keeps what another team did until that team signs in again.
    const own = async (store) => (await this.kept.list(store)).filter(({team}) => team === this.team);
    [this.acts, this.taken, this.told] = await Promise.all([own('acts'), own('taken'), own('told')]);
    this.host.onChange();
  }

  /** Keep an act, and send it as soon as may be. */
  async put(act) {
    await this.kept.add('acts', {key: makeKey(), team: this.team, at: new Date().toISOString(), ...act});
    await this.reload();
    this.wake();
  }

  wake() {
    clearTimeout(this.timer);
    this.pause = FIRST_PAUSE_MS;
    this.flush();
  }

  /** Send all that waits; of several windows one does it. */
  async flush() {
    if (this.busy) {
      this.again = true;
      return;
    }
    this.busy = true;
    this.again = false;
    try {
      const send = () => this.sendAll();
      await (navigator.locks ? navigator.locks.request('gridmap-team-outbox', send) : send());
    } finally {
      this.busy = false;
    }
    if (this.again) this.flush();
  }

  async sendAll() {
    await this.reload(); // another window may have sent some of it
    let sent = 0;
    for (const act of this.acts.slice()) {
      // Where the team was until then is told before it goes off duty, after which it would not be taken.
      if (act.kind === 'duty_off' && !(await this.sendFixes())) return;
      if (!(await this.sendAct(act))) return;
      sent += 1;
      await this.reload();
    }
    await this.sendFixes();
    this.pause = FIRST_PAUSE_MS;
    if (sent) this.host.onSent();
  }

  /** Whether the act is done with, taken or refused. */
  async sendAct(act) {
    const {n, photo, ...rest} = act;
    const answer = await this.post('/team/actions', {...rest, photo: photo ? await toBase64(photo) : ''});
    if (!answer) return false;
    if (answer.ok) await this.kept.takeAct(act);
    else {
      const {error = '', hint = ''} = await answer.json().catch(() => ({}));
      await this.kept.add('told', {team: this.team, kind: act.kind, what: `${error} ${hint}`.trim()});
      await this.kept.remove('acts', n);
    }
    return true;
  }

  /** Whether all fixes are done with. */
  async sendFixes() {
    for (;;) {
      const fixes = (await this.kept.list('fixes')).slice(0, FIXES_AT_ONCE);
      if (!fixes.length) return true;
      const own = fixes.filter(({team}) => team === this.team).map(({n, team, ...fix}) => fix);
      if (own.length) {
        const answer = await this.post('/team/positions', own);
        if (!answer) return false;
        if (answer.ok && (await answer.json()).accepted) this.lastFix = own.at(-1);
      }
      await this.kept.dropFixes(fixes.at(-1).n);
    }
  }

  /** The answer where it is a final one; otherwise null, and it is tried again later. */
  async post(path, content) {
    let response;
    try {
      const headers = {'Content-Type': 'application/json', Accept: 'application/json'};
      response = await fetch(path, {method: 'POST', headers, body: JSON.stringify(content)});
    } catch {
      this.host.onState('away');
      this.retryLater();
      return null;
    }
    if (response.status === 401) {
      this.host.onState('signed_out');
      return null;
    }
    if (!response.ok && !FINAL.has(response.status)) {
      this.retryLater();
      return null;
    }
    this.host.onState('open');
    return response;
  }

  retryLater() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.flush(), this.pause);
    this.pause = Math.min(this.pause * 2, LONGEST_PAUSE_MS);
  }

  async dismiss(n) {
    await this.kept.remove('told', n);
    await this.reload();
  }
}
