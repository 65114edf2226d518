/** What is asked before an act: a note and a photo, the reason, the hazard and its place. Each is a dialog over the page. */

import {make} from '../map/dom.js';
import {shrink} from './photo.js';
import {SmallMap} from './small_map.js';

const SEVERITIES = [1, 2, 3, 4];
const LONGEST_NOTE = 500;

function field(name, input) {
  return make('label', {}, [make('span', {text: name}), input]);
}

/** The choice of a photo; `take` gives it, made small, or null. */
function photoField(words) {
  let photo = null;
  const input = make('input', {type: 'file', accept: 'image/*', capture: 'environment', name: 'photo', class: 'unseen'});
  const said = make('small', {class: 'quiet', text: words.say('photoOf')});
  input.addEventListener('change', async () => {
    photo = null;
    if (!input.files.length) return;
    try {
      photo = await shrink(input.files[0]);
      said.textContent = words.say('photoAdded');
    } catch {
      input.value = '';
      said.textContent = words.say('photoUnreadable');
    }
    said.dataset.ready = photo ? 'yes' : 'no';
  });
  // The browser's own button speaks the browser's language, not the page's.
  const choose = make('span', {class: 'button', text: words.say('choosePhoto')});
  return {part: make('label', {}, [make('span', {text: words.say('photo')}), input, choose, said]), take: () => photo};
}

/**
 * Show a dialog and answer what `read` makes of it; null where it was left.
 * @param {(fault: HTMLElement) => ?object} read null keeps the dialog open
 */
function ask(words, title, parts, read, onClose = () => {}) {
  return new Promise((resolve) => {
    const fault = make('p', {class: 'alert', role: 'alert'});
    const form = make('form', {method: 'dialog'}, [
      make('h2', {text: title}), ...parts, fault,
      make('div', {class: 'row'}, [
        make('button', {type: 'button', class: 'plain', text: words.say('cancel'), 'data-act': 'cancel'}),
        make('button', {type: 'submit', class: 'main', text: words.say('send'), 'data-act': 'send'}),
      ]),
    ]);
    const dialog = make('dialog', {}, [form]);
    let answer = null;
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      answer = read(fault);
      if (answer) dialog.close();
    });
    form.querySelector('[data-act=cancel]').addEventListener('click', () => dialog.close());
    dialog.addEventListener('close', () => {
      onClose();
      dialog.remove();
      resolve(answer);
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}

export function askDone(words, stop) {
  const note = make('textarea', {name: 'note', rows: '2', maxlength: String(LONGEST_NOTE)});
  const photo = photoField(words);
  const parts = [make('p', {class: 'title', text: stop.title}), field(words.say('note'), note), photo.part];
  return ask(words, words.say('done'), parts, () => ({note: note.value.trim(), photo: photo.take()}));
}

/** Why something is not done: of a list and in words; the latter must be there where the list has no fitting one. */
function askWhy(words, title, {about, reasons, photo = null}) {
  const why = make('select', {name: 'reason'}, reasons.map(({value, name}) => make('option', {value, text: name})));
  const note = make('textarea', {name: 'note', rows: '2', maxlength: String(LONGEST_NOTE)});
  const parts = [make('p', {class: 'title', text: about}), field(words.say('why'), why), field(words.say('note'), note)];
  return ask(words, title, photo ? [...parts, photo.part] : parts, (fault) => {
    const told = note.value.trim();
    if (why.value === 'other' && !told) {
      fault.textContent = words.say('noteAsked');
      return null;
    }
    return {reason: why.value, note: told, ...(photo && {photo: photo.take()})};
  });
}

export function askCannot(words, stop, reasons) {
  return askWhy(words, words.say('cannot'), {about: stop.title, reasons, photo: photoField(words)});
}

export function askDecline(words, task, reasons) {
  return askWhy(words, words.say('decline'), {about: task.title, reasons});
}

/** @param {{kinds: object[], place: import('./place.js').Place, mapOptions: object}} given */
export function askHazard(words, {kinds, place, mapOptions}) {
  const kind = make('select', {name: 'kind'}, kinds.map(({value, name}) => make('option', {value, text: name})));
  const severity = make('select', {name: 'severity'}, SEVERITIES.map((s) => make('option', {value: String(s), text: words.say(`severity.${s}`)})));
  severity.value = '2';
  const title = make('input', {name: 'title', maxlength: '80'});
  const photo = photoField(words);
  const where = make('small', {class: 'quiet', text: words.say('whereTap')});
  const frame = make('div', {class: 'map'});
  let at = null;
  let map = null;
  const point = (found, said, fit) => {
    at = {lon: found.lon, lat: found.lat};
    where.textContent = said;
    where.dataset.ready = 'yes';
    map.show({marks: [{kind: 'pin', ...at}]}, fit);
  };
  const parts = [
    field(words.say('kind'), kind), field(words.say('severity'), severity), field(words.say('what'), title), photo.part,
    make('div', {class: 'place'}, [make('span', {text: words.say('where')}), frame, where]),
  ];
  const answer = ask(words, words.say('report'), parts, (fault) => {
    if (!at) {
      fault.textContent = words.say('whereAsked');
      return null;
    }
    // Without a word of its own a hazard is called by its kind.
    const called = title.value.trim() || kind.selectedOptions[0].textContent;
    return {hazard: {kind: kind.value, severity: Number(severity.value), title: called, ...at}, photo: photo.take()};
  }, () => map.remove());
  map = new SmallMap(frame, mapOptions, (tapped) => point(tapped, words.say('where'), false));
  place.ask().then((found) => {
    // Whoever tapped meanwhile knows better.
    if (found && !at && frame.isConnected) point(found, words.say('whereGps', {metres: Math.round(found.accuracy)}), true);
  });
  return answer;
}
