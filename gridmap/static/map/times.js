/** Times as Beijing has them, on the 24-hour clock, in the language of the page. */

const ZONE = {timeZone: 'Asia/Shanghai'};
const BEIJING_MS = 8 * 3600 * 1000;

/** 14:05:30 of unix seconds. */
export function clock(seconds, {short = false} = {}) {
  const text = new Date(seconds * 1000 + BEIJING_MS).toISOString();
  return text.slice(11, short ? 16 : 19);
}

/** 24 Nov, or 11月24日; with its weekday where asked for. */
export function day(seconds, language, {weekday = false} = {}) {
  const tag = language.startsWith('zh') ? 'zh-CN' : 'en-GB';
  const parts = {...ZONE, day: 'numeric', month: 'short', ...(weekday ? {weekday: 'short'} : {})};
  return new Intl.DateTimeFormat(tag, parts).format(new Date(seconds * 1000));
}

/** 2026-11-24 of unix seconds. */
export const dateOf = (seconds) => new Date(seconds * 1000 + BEIJING_MS).toISOString().slice(0, 10);

/** 2026-11-24T14:05:30+08:00 of unix seconds. */
export const iso = (seconds) => `${new Date(seconds * 1000 + BEIJING_MS).toISOString().slice(0, 19)}+08:00`;

/** Unix seconds of an ISO time, one without a zone being Beijing's; null where it is none. */
export function parse(text) {
  if (!text) return null;
  const hasZone = /(Z|[+-]\d\d:?\d\d)$/.test(text);
  const at = Date.parse(hasZone ? text : `${text}+08:00`);
  return Number.isNaN(at) ? null : at / 1000;
}
