/** How a team looks: its kind by a glyph; how it is by shape first and by colour as well. */

import {at, glyph} from './glyphs.js';

export const DOT_PX = 3;
export const QUIET = new Set(['stale', 'silent']);

/** Outline of a mark: a disc moves (with an arrow), a rounded square stands, a hollow disc is old, a dashed one silent. */
function trace(ctx, state, x, y, radius) {
  ctx.beginPath();
  if (state === 'still') ctx.roundRect(x - radius * 0.9, y - radius * 0.9, radius * 1.8, radius * 1.8, radius * 0.4);
  else ctx.arc(x, y, radius, 0, 2 * Math.PI);
}

/** @param {{x: number, y: number, radius: number, state: string, heading: number, unit: object}} mark */
export function paintMark(ctx, {unit, state, heading, x, y, radius}, {palette, icons}, isChosen) {
  const quiet = QUIET.has(state);
  const ink = quiet ? palette.team_stale : palette.team;
  ctx.lineJoin = 'round';
  // Chosen teams are ringed here, since they move.
  if (isChosen) {
    ctx.beginPath();
    ctx.arc(x, y, radius + 7, 0, 2 * Math.PI);
    ctx.strokeStyle = palette.selection;
    ctx.lineWidth = 3;
    ctx.stroke();
  }
  if (state === 'moving') paintArrow(ctx, x, y, radius, heading, ink, palette.halo);
  trace(ctx, state, x, y, radius);
  ctx.strokeStyle = palette.halo;
  ctx.lineWidth = 3.5;
  ctx.stroke();
  ctx.fillStyle = quiet ? palette.halo : ink;
  ctx.fill();
  if (quiet) {
    ctx.strokeStyle = ink;
    ctx.lineWidth = 2;
    ctx.setLineDash(state === 'silent' ? [3, 2] : []);
    ctx.stroke();
    ctx.setLineDash([]);
  }
  at(ctx, x, y, radius * 1.62, () => {
    ctx.fillStyle = quiet ? ink : palette.network_ink;
    ctx.fill(glyph(icons.teams[unit.kind]), 'evenodd');
  });
}

function paintArrow(ctx, x, y, radius, heading, ink, halo) {
  ctx.save();
  ctx.translate(x, y);
  ctx.rotate((heading * Math.PI) / 180);
  ctx.beginPath();
  ctx.moveTo(0, -radius - 8);
  ctx.lineTo(radius * 0.62, -radius * 0.86);
  ctx.lineTo(-radius * 0.62, -radius * 0.86);
  ctx.closePath();
  ctx.strokeStyle = halo;
  ctx.lineWidth = 3.5;
  ctx.stroke();
  ctx.fillStyle = ink;
  ctx.fill();
  ctx.restore();
}

/** Filled for those that are heard, hollow for the quiet ones; one path for all of a kind. */
export function paintDots(ctx, dots, palette) {
  for (const quiet of [true, false]) {
    ctx.beginPath();
    for (const mark of dots) {
      if (QUIET.has(mark.state) !== quiet) continue;
      mark.radius = DOT_PX;
      ctx.moveTo(mark.x + DOT_PX, mark.y);
      ctx.arc(mark.x, mark.y, DOT_PX, 0, 2 * Math.PI);
    }
    ctx.strokeStyle = palette.halo;
    ctx.lineWidth = 2.5;
    ctx.stroke();
    ctx.fillStyle = quiet ? palette.halo : palette.team;
    ctx.fill();
    if (!quiet) continue;
    ctx.strokeStyle = palette.team_stale;
    ctx.lineWidth = 1.25;
    ctx.stroke();
  }
}

/** Text with a halo, left of its middle line. */
export function paintText(ctx, text, x, y, ink, halo) {
  ctx.textAlign = 'left';
  ctx.textBaseline = 'middle';
  ctx.strokeStyle = halo;
  ctx.lineWidth = 3.5;
  ctx.strokeText(text, x, y);
  ctx.fillStyle = ink;
  ctx.fillText(text, x, y);
}
