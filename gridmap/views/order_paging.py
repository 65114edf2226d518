"""The script of a printed order that lays its sheets on pages of A4, where one is longer than that."""

ORDER_PAGING = """
// What an A4 page holds between its margins, less what a printer's rounding may take.
const PX_PER_MM = 96 / 25.4;
const ROOM_PX = (297 - 26 - 1) * PX_PER_MM;
const BELOW_HEADER_PX = 3 * PX_PER_MM;

function heightOf(element) {
  const {marginTop, marginBottom} = getComputedStyle(element);
  return element.getBoundingClientRect().height + parseFloat(marginTop) + parseFloat(marginBottom);
}

/** The pages of one sheet, filled one after the other; its parts are measured before they are moved. */
class Pages {
  constructor(sheet) {
    Object.assign(this, {sheet, all: [], header: sheet.querySelector('header')});
    this.headerPx = heightOf(this.header);
    this.begin();
  }

  begin() {
    const page = this.sheet.cloneNode(false);
    page.style.display = '';
    this.leftPx = ROOM_PX;
    if (this.all.length) {
      const header = this.header.cloneNode(true);
      header.querySelector('.code')?.remove();
      header.style.marginBottom = `${BELOW_HEADER_PX}px`;
      page.removeAttribute('id');
      page.append(header);
      this.leftPx -= this.headerPx + BELOW_HEADER_PX;
    }
    this.all.push(page);
  }

  put(part, px) {
    if (px > this.leftPx) this.begin();
    this.all.at(-1).append(part);
    this.leftPx -= px;
  }

  /** A table in as many pieces as it takes, each with its head; the heading above it stays with the first row. */
  putTable(table, above) {
    const cells = [...table.tHead.rows[0].cells];
    // In pieces the columns would be as wide as each needs, and the rows of another height than measured.
    const widths = cells.map((cell) => cell.getBoundingClientRect().width);
    cells.forEach((cell, i) => { cell.style.width = `${widths[i]}px`; });
    table.style.tableLayout = 'fixed';
    const rows = [...table.tBodies[0].rows].map((row) => ({row, px: row.getBoundingClientRect().height}));
    const headPx = table.tHead.getBoundingClientRect().height;
    const abovePx = above ? heightOf(above) : 0;
    if (abovePx + headPx + (rows[0]?.px ?? 0) > this.leftPx) this.begin();
    if (above) this.put(above, abovePx);
    let body = null;
    for (const {row, px} of rows) {
      if (!body || px > this.leftPx) {
        if (body) this.begin();
        const piece = table.cloneNode(false);
        body = document.createElement('tbody');
        piece.append(table.tHead.cloneNode(true), body);
        this.put(piece, headPx);
      }
      body.append(row);
      this.leftPx -= px;
    }
  }
}

function layOut(sheet) {
  // As on paper: on the screen what is left of a page stands above the footer.
  sheet.style.display = 'block';
  const [first, last] = [sheet.firstElementChild, sheet.lastElementChild].map((part) => part.getBoundingClientRect());
  const parts = [...sheet.children].map((part) => ({part, px: heightOf(part)}));
  const pages = last.bottom - first.top > ROOM_PX && new Pages(sheet);
  sheet.style.display = '';
  if (!pages) return [sheet];
  let above = null;
  for (const {part, px} of parts) {
    if (part.tagName === 'H2') above = part;
    else if (part.tagName === 'TABLE') {
      pages.putTable(part, above);
      above = null;
    } else pages.put(part, px);
  }
  sheet.replaceWith(...pages.all);
  return pages.all;
}

for (const sheet of document.querySelectorAll('.sheet')) {
  const pages = layOut(sheet);
  pages.forEach((page, i) => { page.querySelector('.page').textContent = `${i + 1}/${pages.length}`; });
}
"""
"""Without it the browser breaks a long sheet itself, with the table's head on each page but no number."""
