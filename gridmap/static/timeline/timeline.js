/**
 * The days of a plan's teams below the map. Drawn by gridmap/views/timeline.py, which escapes every word; here it is put
 * on the page, keeps its place between two runs, and a click or Enter answers {route}.
 */
export default function timeline({data, parentElement, setTriggerValue}) {
  const before = parentElement.querySelector('.timeline .scroll');
  const [left, top] = [before?.scrollLeft ?? 0, before?.scrollTop ?? 0];
  const focused = parentElement.querySelector(':focus')?.dataset.route;
  const box = document.createElement('div');
  box.className = 'timeline';
  box.setAttribute('role', 'group');
  box.setAttribute('aria-label', data.label);
  for (const [name, value] of Object.entries({ground: data.ground, ink: data.ink, line: data.line, width: `${data.width}px`})) {
    box.style.setProperty(`--${name}`, value);
  }
  const legend = document.createElement('div');
  legend.className = 'legend';
  legend.innerHTML = data.legend;
  const scroll = document.createElement('div');
  scroll.className = 'scroll';
  const names = document.createElement('div');
  names.className = 'names';
  names.innerHTML = data.names;
  const days = document.createElement('div');
  days.className = 'days';
  days.innerHTML = data.chart;
  scroll.append(names, days);
  box.append(legend, scroll);
  parentElement.querySelector('.timeline')?.remove();
  parentElement.append(box);
  Object.assign(scroll, {scrollLeft: left, scrollTop: top});
  if (focused !== undefined) names.querySelector(`[data-route="${focused}"]`)?.focus({preventScroll: true});
  scroll.addEventListener('click', ({target}) => {
    const row = target.closest('[data-route]');
    if (row) setTriggerValue('route', Number(row.dataset.route));
  });
}
