/** The view as one picture: what is painted, with title, time, scale, legend, attribution and what it must not be taken for. */

import {attributionOf} from './trust.js';
import {clock, day, iso} from './times.js';
import {measureLegend, paintLegend} from './picture_legend.js';

const HEAD_PX = 40;
const FOOT_PX = 34;
const PRINT_ID = 'gridmap-print';

/** Panes of Leaflet stand in each other: what lies above is told by the z-index of the outermost. */
function levelOf(element, frame) {
  let level = 0;
  for (let each = element; each && each !== frame; each = each.parentElement) level = Number(getComputedStyle(each).zIndex) || level;
  return level;
}

/** Every canvas of the map where it lies now, from below to above. A raster from elsewhere is left out: it would lock the picture. */
function paintMap(ctx, frame) {
  const corner = frame.getBoundingClientRect();
  const canvases = [...frame.querySelectorAll('.leaflet-pane canvas')].filter(({width, height}) => width && height);
  canvases.map((canvas) => ({canvas, level: levelOf(canvas, frame)})).sort((a, b) => a.level - b.level).forEach(({canvas}) => {
    const {left, top, width, height} = canvas.getBoundingClientRect();
    ctx.drawImage(canvas, left - corner.left, top - corner.top, width, height);
  });
}

function paintScale(ctx, host, x, y) {
  const width = host.controls.scale.offsetWidth;
  ctx.strokeStyle = host.palette.chrome.ink;
  ctx.lineWidth = 1.5;
  ctx.beginPath();
  ctx.moveTo(x, y - 5);
  ctx.lineTo(x, y);
  ctx.lineTo(x + width, y);
  ctx.lineTo(x + width, y - 5);
  ctx.stroke();
  ctx.textAlign = 'center';
  ctx.fillText(host.controls.scale.textContent, x + width / 2, y - 8);
  ctx.textAlign = 'left';
  return width;
}

/** What the picture says above the map: which area, when, and whether it is real. */
function headOf(host) {
  const {words, playback, options, teams} = host;
  const now = playback.isOn ? playback.at : playback.now;
  const parts = [`${day(now, options.language)} ${clock(now, {short: !playback.isOn})}`];
  if (playback.isOn) parts.unshift(words.playback);
  const doubts = [teams.simulated && host.on('teams') ? words.simulated : '', host.feed.state.synthetic ? words.synthetic : ''];
  return {title: host.areaName ?? options.title ?? words.mapTitle, time: parts.join(' '), doubt: doubts.filter(Boolean).join(' · ')};
}

/** Text cut where it would leave `most` pixels. */
function cut(ctx, text, most) {
  if (ctx.measureText(text).width <= most) return text;
  let end = text.length;
  while (end > 1 && ctx.measureText(`${text.slice(0, end)}…`).width > most) end -= 1;
  return `${text.slice(0, end)}…`;
}

/** @returns {Promise<HTMLCanvasElement>} at the screen's own resolution */
export async function composePicture(host) {
  const frame = host.map.getContainer();
  const {clientWidth: wide, clientHeight: tall} = frame;
  const ratio = window.devicePixelRatio || 1;
  const {chrome, ground} = host.palette;
  const legend = measureLegend(host);
  const side = legend.length ? 210 : 0;
  const canvas = document.createElement('canvas');
  const total = [wide + side, HEAD_PX + Math.max(tall, legend.height ?? 0) + FOOT_PX];
  canvas.width = Math.round(total[0] * ratio);
  canvas.height = Math.round(total[1] * ratio);
  const ctx = canvas.getContext('2d');
  ctx.scale(ratio, ratio);
  ctx.fillStyle = chrome.ground;
  ctx.fillRect(0, 0, ...total);
  ctx.save();
  ctx.translate(0, HEAD_PX);
  ctx.beginPath();
  ctx.rect(0, 0, wide, tall);
  ctx.clip();
  ctx.fillStyle = ground.land;
  ctx.fillRect(0, 0, wide, tall);
  host.teams.layer.paint();
  paintMap(ctx, frame);
  ctx.restore();
  ctx.textBaseline = 'middle';
  const {title, time, doubt} = headOf(host);
  ctx.fillStyle = chrome.ink;
  ctx.font = `700 17px ${host.font}`;
  ctx.fillText(title, 12, HEAD_PX / 2);
  const after = 12 + ctx.measureText(title).width + 16;
  ctx.font = `13px ${host.font}`;
  ctx.fillText(time, after, HEAD_PX / 2 + 1);
  ctx.fillStyle = chrome.warn;
  ctx.font = `600 13px ${host.font}`;
  ctx.textAlign = 'right';
  ctx.fillText(doubt, total[0] - 12, HEAD_PX / 2 + 1);
  ctx.textAlign = 'left';
  ctx.font = `11px ${host.font}`;
  ctx.fillStyle = chrome.ink;
  const foot = total[1] - FOOT_PX;
  const scale = paintScale(ctx, host, 12, foot + FOOT_PX - 8);
  ctx.fillStyle = chrome.quiet;
  const left = host.on('raster') ? ` · ${host.words.rasterLeftOut}` : '';
  ctx.fillText(cut(ctx, `${host.words.source.replace('{names}', attributionOf(host))}${left}`, total[0] - scale - 40), scale + 28, foot + FOOT_PX / 2);
  ctx.translate(wide, HEAD_PX);
  await paintLegend(ctx, host, legend);
  return canvas;
}

const toBlob = (canvas) => new Promise((resolve, reject) => {
  canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('no picture'))), 'image/png');
});

/** Hand the view over as a PNG file. */
export async function savePicture(host) {
  const url = URL.createObjectURL(await toBlob(await composePicture(host)));
  const at = host.playback.isOn ? host.playback.at : host.playback.now;
  const anchor = document.createElement('a');
  Object.assign(anchor, {href: url, download: `gridmap-${iso(at).slice(0, 16).replaceAll(':', '').replace('T', '-')}.png`});
  anchor.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

/** Print the view on one landscape page: the page around the map is put aside by the style sheet while it prints. */
export async function printPicture(host) {
  const page = window.parent.document;
  page.getElementById(PRINT_ID)?.remove();
  const image = page.createElement('img');
  image.id = PRINT_ID;
  image.alt = host.words.mapTitle;
  image.src = (await composePicture(host)).toDataURL('image/png');
  await image.decode();
  page.body.append(image);
  window.parent.addEventListener('afterprint', () => image.remove(), {once: true});
  window.parent.print();
}
