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
