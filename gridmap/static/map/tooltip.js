/** The small card beside the pointer. Text only: nothing from the data is ever read as HTML. */

const APART_PX = 14;

export class Tooltip {
  /** @param {HTMLElement} parent the map's frame */
  constructor(parent) {
    this.parent = parent;
    this.box = document.createElement('div');
    this.box.className = 'gridmap-tooltip';
    this.box.setAttribute('role', 'tooltip');
    this.box.hidden = true;
    parent.append(this.box);
  }

  /** @param {{x: number, y: number}} point @param {string[]} lines the first is the heading */
  show(point, lines) {
    if (!lines.length) {
      this.hide();
      return;
    }
    const [title, ...rest] = lines;
    const heading = document.createElement('b');
    heading.textContent = title;
    const rows = rest.filter(Boolean).map((text) => {
      const row = document.createElement('span');
      row.textContent = text;
      return row;
    });
    this.box.replaceChildren(heading, ...rows);
    this.box.hidden = false;
    const {offsetWidth: wide, offsetHeight: tall} = this.box;
    const left = point.x + APART_PX + wide > this.parent.clientWidth ? point.x - APART_PX - wide : point.x + APART_PX;
    const top = point.y + APART_PX + tall > this.parent.clientHeight ? point.y - APART_PX - tall : point.y + APART_PX;
    this.box.style.transform = `translate(${Math.max(4, left)}px, ${Math.max(4, top)}px)`;
  }

  hide() {
    this.box.hidden = true;
  }
}
