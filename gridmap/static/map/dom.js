/** Small pieces of the page, made without any HTML text. */

/**
 * @param {string} tag
 * @param {{[name: string]: string}} attributes `text` is the content
 * @param {Node[]} children
 */
export function make(tag, {text, ...attributes} = {}, children = []) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  if (text !== undefined) element.textContent = text;
  element.append(...children);
  return element;
}

/** An inline SVG the page sent (drawn by our own views, never from data). */
export function svg(markup) {
  const holder = document.createElement('template');
  holder.innerHTML = markup;
  return holder.content;
}

/** Icons of the controls: strokes in a box of 16. */
const STROKES = {
  plus: 'M8 3v10M3 8h10',
  minus: 'M3 8h10',
  home: 'M2.5 7.5 8 3l5.5 4.500M4 6.800V13h8V6.8',
  layers: 'M8 2.5 14 6 8 9.5 2 6zM2.5 9 8 12.2 13.5 9',
  legend: 'M3 4h2M7.5 4H13M3 8h2M7.5 8H13M3 12h2M7.5 12H13',
  click: 'M4 2.5 12.5 8 8.8 8.9 7 12.500z',
  box: 'M2.5 3.500h11v9h-11z',
  lasso: 'M8 3c3.3 0 5.5 1.6 5.5 3.700S11.3 10.5 8 10.5 2.5 8.9 2.5 6.7 4.7 3 8 3zM5.5 10c.8 1.2.5 2.4-.8 3.3',
  clear: 'M4 4l8 8M12 4l-8 8',
  fold: 'M4 6l4 4 4-4',
  back: 'M6 4 2.500 7.500 6 11M2.500 7.500H9a4 3 0 0 1 0 6H7',
  tools: 'M3 4.500h10M3 8h10M3 11.500h10',
  ruler: 'M2.500 10.500 10.500 2.500l3 3-8 8zM5 8l1.500 1.500M7.500 5.500 9 7',
  field: 'M3 5.500 8.500 3 13 7l-3 6-6-1.500z',
  clock: 'M8 2.500a5.500 5.500 0 1 1 0 11 5.500 5.500 0 0 1 0-11zM8 5v3l2 1.500',
  picture: 'M2.500 3.500h11v9h-11zM2.500 11l3.500-3.500 2.500 2.500 2-1.500 3 3',
  print: 'M4.500 6V2.500h7V6M4.500 11H2.500V6h11v5h-2M4.500 9.500h7v4h-7z',
  link: 'M6.500 9.500l3-3M7.500 4.500l1-1a2.800 2.800 0 0 1 4 4l-1 1M8.500 11.500l-1 1a2.800 2.800 0 0 1-4-4l1-1',
  wall: 'M2 3h12v8H2zM6 13.500h4',
  play: 'M5 3v10l8-5z',
  pause: 'M5.500 3.500v9M10.500 3.500v9',
};

/** @param {keyof typeof STROKES} name */
export function icon(name) {
  const shape = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  shape.setAttribute('viewBox', '0 0 16 16');
  shape.setAttribute('class', 'gridmap-icon');
  shape.setAttribute('aria-hidden', 'true');
  const path = document.createElementNS('http://www.w3.org/2000/svg', 'path');
  path.setAttribute('d', STROKES[name]);
  if (['box', 'lasso'].includes(name)) path.setAttribute('stroke-dasharray', '2 1.6');
  shape.append(path);
  return shape;
}

/** A button that is only an icon, named for those who hear it. */
export function iconButton(name, title, onClick) {
  const button = make('button', {type: 'button', title, 'aria-label': title, class: 'gridmap-button'}, [icon(name)]);
  button.addEventListener('click', onClick);
  return button;
}
