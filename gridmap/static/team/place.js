/** Where the telephone is: watched on duty only, and told no oftener than it says something new. */

const EVERY_MS = 10000;
const OPTIONS = {enableHighAccuracy: true, maximumAge: 5000, timeout: 60000};
const KMH_PER_MPS = 3.6;

export class Place {
  /**
   * @param {import('./kept.js').Kept} kept
   * @param {number} team
   * @param {(isNew: boolean) => void} onFix
   */
  constructor(kept, team, onFix) {
    Object.assign(this, {kept, team, onFix});
    this.latest = null;
    this.denied = false;
  }

  /** On duty the place is watched, off duty nothing runs. */
  watch(onDuty) {
    if (!navigator.geolocation || onDuty === Boolean(this.watching)) return;
    if (onDuty) {
      this.watching = navigator.geolocation.watchPosition((fix) => this.take(fix), () => this.fail(), OPTIONS);
      return;
    }
    navigator.geolocation.clearWatch(this.watching);
    this.watching = null;
    this.latest = null;
  }

  async take({coords, timestamp}) {
    this.denied = false;
    this.latest = {lon: coords.longitude, lat: coords.latitude, accuracy: coords.accuracy, at: timestamp};
    if (timestamp - (this.keptAt ?? 0) < EVERY_MS) return;
    this.keptAt = timestamp;
    const known = (value, factor = 1) => (Number.isFinite(value) ? value * factor : undefined);
    await this.kept.addFix({
      team: this.team, lon: coords.longitude, lat: coords.latitude, at: new Date(timestamp).toISOString(),
      speed_kmh: known(coords.speed, KMH_PER_MPS), heading_deg: known(coords.heading), accuracy_m: known(coords.accuracy),
    });
    this.onFix();
  }

  fail() {
    this.denied = true;
    this.onFix();
  }

  /** The place now, for a report; null where the telephone does not say. Asks also off duty: a person pressed for it. */
  ask() {
    if (this.latest) return Promise.resolve(this.latest);
    if (!navigator.geolocation) return Promise.resolve(null);
    return new Promise((resolve) => {
      const take = ({coords}) => resolve({lon: coords.longitude, lat: coords.latitude, accuracy: coords.accuracy});
      navigator.geolocation.getCurrentPosition(take, () => resolve(null), {...OPTIONS, timeout: 15000});
    });
  }
}
