/** The legend as a column of a picture: read off what the map shows, set in type again. */

const ROW_PX = 19;
const TITLE_PX = 22;
const TEXT_X = 46;
const WIDE_PX = 198;

/**
 * What is explained now.
 * @returns {{title: string, rows: {swatch: ?SVGElement, colour: ?string, text: string, bar: number, count: string}[]}[] & {height: number}}
 */
export function measureLegend(host) {
  const {body} = host.controls;
  const boxes = body ? [...body.querySelectorAll('section, details.gridmap-section')].filter((box) => !box.closest('[hidden]')) : [];
  const sections = boxes.map((box) => ({
    title: box.querySelector('h3, summary')?.textContent ?? '',
    rows: [...box.querySelectorAll('li')].map(readRow),
  })).filter(({rows}) => rows.length);
  sections.height = sections.reduce((sum, {rows}) => sum + TITLE_PX + rows.length * ROW_PX, 14);
  return sections;
}

function readRow(row) {
  const block = row.querySelector('.gridmap-block');
  const bar = row.querySelector('.gridmap-bar-of');
  return {
    swatch: row.querySelector('.gridmap-swatch svg'),
    colour: block ? block.style.background : null,
    text: row.querySelector('i + span')?.textContent ?? '',
    bar: bar ? parseFloat(bar.style.width) / 100 : 0,
    count: row.querySelector('em')?.textContent ?? '',
  };
}

/** A swatch as an image; drawn by our own views, so that nothing from outside gets in. */
function load(swatch) {
  const image = new Image();
  const copy = swatch.cloneNode(true);
  copy.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(new XMLSerializer().serializeToString(copy))}`;
  return image.decode().then(() => image);
}

/** Paint the sections below one another, the corner being that of the column. */
export async function paintLegend(ctx, host, sections) {
  const {chrome} = host.palette;
  let y = 14;
  for (const {title, rows} of sections) {
    ctx.font = `600 12px ${host.font}`;
    ctx.fillStyle = chrome.ink;
    ctx.fillText(title, 10, y, WIDE_PX);
    y += TITLE_PX - 2;
    ctx.font = `12px ${host.font}`;
    for (const row of rows) {
      if (row.swatch) {
        const image = await load(row.swatch);
        ctx.drawImage(image, 10 + (28 - image.width) / 2, y - image.height / 2);
      } else if (row.colour) {
        ctx.fillStyle = row.colour;
        ctx.fillRect(10, y - 6, 26, 12);
        ctx.strokeStyle = chrome.quiet;
        ctx.lineWidth = 0.5;
        ctx.strokeRect(10, y - 6, 26, 12);
        ctx.fillRect(118, y - 4, 50 * row.bar, 8);
      }
      ctx.fillStyle = chrome.ink;
      ctx.fillText(row.text, TEXT_X, y, row.count ? (row.swatch ? WIDE_PX - TEXT_X - 36 : 68) : WIDE_PX - TEXT_X);
      ctx.textAlign = 'right';
      ctx.fillText(row.count, WIDE_PX, y);
      ctx.textAlign = 'left';
      y += ROW_PX;
    }
    y += 2;
  }
}
