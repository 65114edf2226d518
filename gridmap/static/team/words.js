/** Words of the page with their fields filled, and ages. */

export class Words {
  /** @param {{[name: string]: string}} words */
  constructor(words) {
    this.words = words;
  }

  /** @param {string} name @param {object} [values] for the fields in braces */
  say(name, values = {}) {
    return (this.words[name] ?? name).replace(/\{(\w+)\}/g, (_, field) => values[field] ?? '');
  }

  /** @param {number} minutes */
  late(minutes) {
    if (minutes < 90) return this.say('late', {minutes});
    return this.say('lateHours', {hours: Math.floor(minutes / 60), minutes: minutes % 60});
  }

  /** @param {number} seconds */
  age(seconds) {
    if (seconds < 5) return this.say('justNow');
    if (seconds < 90) return this.say('secondsAgo', {number: Math.round(seconds)});
    if (seconds < 5400) return this.say('minutesAgo', {number: Math.round(seconds / 60)});
    return this.say('hoursAgo', {number: Math.round(seconds / 3600)});
  }
}
