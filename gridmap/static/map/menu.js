/** The less common tools behind one button, each by its name: measure, play back, take away, put on the wall. */

import {L} from './leaflet.js';
import {copy, go, linkOf, writeLink} from './link.js';
import {icon, iconButton, make} from './dom.js';
import {printPicture, savePicture} from './picture.js';

const SAID_MS = 3500;

export class Menu {
  /** @param {object} host the living map @param {HTMLElement} stack where its button stands */
  constructor(host, stack) {
    const {words} = host;
    Object.assign(this, {host, words});
    this.button = iconButton('tools', words.tools, () => this.open(this.list.hidden));
    this.button.setAttribute('aria-expanded', 'false');
    this.button.setAttribute('aria-haspopup', 'menu');
    const acts = [
      ['ruler', words.measureDistanceOf, () => host.measure.start('distance')],
      ['field', words.measureAreaOf, () => host.measure.start('area')],
      ['clock', words.playback, () => host.playback.open()],
      ['picture', words.savePicture, () => this.say(savePicture(host), words.saved, words.notSaved)],
      ['print', words.print, () => this.say(printPicture(host), '', words.notSaved)],
      ['link', words.copyLink, () => this.copyLink()],
      ['wall', words.wallMode, () => go(`wall=1&${writeLink(host)}`)],
    ];
    const entries = acts.map(([name, text, act]) => {
      const entry = make('button', {type: 'button', role: 'menuitem', class: 'gridmap-entry', 'data-act': name}, [icon(name), make('span', {text})]);
      entry.addEventListener('click', () => {
        this.open(false);
        act();
      });
      return entry;
    });
    this.list = make('div', {class: 'gridmap-menu', role: 'menu', 'aria-label': words.tools}, entries);
    this.list.hidden = true;
    this.list.addEventListener('keydown', (event) => this.onKey(event, entries));
    this.box = make('div', {class: 'gridmap-group gridmap-menu-box'}, [this.button, this.list]);
    stack.append(this.box);
    host.map.on('click movestart', () => this.open(false));
    L.DomEvent.disableClickPropagation(this.list);
  }

  open(isOpen) {
    if (this.list.hidden !== isOpen) return;
    this.list.hidden = !isOpen;
    this.button.setAttribute('aria-expanded', String(isOpen));
    if (isOpen) this.list.firstChild.focus();
  }

  onKey(event, entries) {
    const at = entries.indexOf(document.activeElement);
    const to = {ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1}[event.key];
    if (event.key === 'Escape') {
      this.open(false);
      this.button.focus();
    } else if (to !== undefined) entries.at(to % entries.length).focus();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  async copyLink() {
    const link = linkOf(this.host);
    const done = await copy(link);
    this.tell(done ? this.words.linkCopied : link);
  }

  async say(work, done, failed) {
    this.tell(await work.then(() => done, () => failed));
  }

  /** A word that goes by itself. */
  tell(text) {
    clearTimeout(this.timer);
    this.host.controls.showHint(text);
    this.timer = setTimeout(() => this.host.controls.showHint(''), SAID_MS);
  }
}
