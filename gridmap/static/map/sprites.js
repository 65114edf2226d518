/** Small pictures that come again and again, painted once and then copied: a stroke costs fifty times a copy. */

const MOST = 3000;
const kept = new Map();

/**
 * Copy the picture called `key` with its middle at (x, y), painted by `draw(ctx)` around (0, 0) where it is new.
 * @param {CanvasRenderingContext2D} ctx
 * @param {number} size width of the picture's box, pixels
 */
export function stamp(ctx, key, x, y, size, draw) {
  const ratio = window.devicePixelRatio || 1;
  const name = `${ratio}|${key}`;
  let sprite = kept.get(name);
  if (!sprite) {
    if (kept.size >= MOST) kept.clear();
    const canvas = new OffscreenCanvas(Math.ceil(size * ratio), Math.ceil(size * ratio));
    const own = canvas.getContext('2d');
    own.scale(ratio, ratio);
    own.translate(size / 2, size / 2);
    draw(own);
    sprite = {bitmap: canvas.transferToImageBitmap(), width: canvas.width / ratio};
    kept.set(name, sprite);
  }
  // On whole device pixels it stays as sharp as it was painted.
  const left = Math.round((x - size / 2) * ratio) / ratio;
  const top = Math.round((y - size / 2) * ratio) / ratio;
  ctx.drawImage(sprite.bitmap, left, top, sprite.width, sprite.width);
}
