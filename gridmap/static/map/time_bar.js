/** The bar under a playback: day, hour, slider, play, speed, and back to the present. */

import {clock, dateOf, day, parse} from './times.js';
import {iconButton, make} from './dom.js';
import {L} from './leaflet.js';

const HOUR_S = 3600;
const DAY_S = 86400;
const SPEEDS = [1, 10, 60];

export class TimeBar {
  /** @param {import('./playback.js').Playback} playback @param {HTMLElement} frame */
  constructor(playback, frame) {
    const {words} = playback.host;
    Object.assign(this, {playback, words});
    this.play = iconButton('play', words.play, () => {
      if (playback.isPlaying) playback.pause(); else playback.play();
      this.show();
    });
    this.day = make('select', {'aria-label': words.day, class: 'gridmap-field'});
    this.hour = make('select', {'aria-label': words.hour, class: 'gridmap-field'},
      Array.from({length: 24}, (_, hour) => make('option', {value: String(hour), text: `${String(hour).padStart(2, '0')}:00`})));
    this.slider = make('input', {type: 'range', min: '0', max: String(HOUR_S - 1), step: '1', 'aria-label': words.moment, class: 'gridmap-slider'});
    this.time = make('output', {class: 'gridmap-moment'});
    this.speed = make('select', {'aria-label': words.speed, class: 'gridmap-field'},
      SPEEDS.map((speed) => make('option', {value: String(speed), text: `${speed}×`})));
    this.live = make('button', {type: 'button', class: 'gridmap-text-button', text: words.backToLive});
    this.box = make('div', {class: 'gridmap-time leaflet-control', role: 'group', 'aria-label': words.playback},
      [this.play, this.slider, this.time, make('div', {class: 'gridmap-when'}, [this.day, this.hour, this.speed, this.live])]);
    this.mark = make('div', {class: 'gridmap-past-mark', role: 'status'});
    this.box.hidden = true;
    this.mark.hidden = true;
    L.DomEvent.disableClickPropagation(this.box);
    L.DomEvent.disableScrollPropagation(this.box);
    // Arrows in here move the slider, not the map.
    this.box.addEventListener('keydown', (event) => { if (event.key !== 'Escape') event.stopPropagation(); });
    frame.append(this.mark, this.box);
    this.slider.addEventListener('input', () => {
      playback.pause();
      playback.seek(playback.since + Number(this.slider.value));
    });
    this.speed.addEventListener('change', () => { playback.speed = Number(this.speed.value); });
    for (const field of [this.day, this.hour]) field.addEventListener('change', () => this.choose());
    this.live.addEventListener('click', () => playback.stop());
  }

  /** The days of which tracks are kept, the present one first; a list of our own, since a browser writes dates as its system does. */
  showDays() {
    const {playback} = this;
    const today = dateOf(playback.now);
    if (this.day.firstChild?.value === today) return;
    const days = [];
    for (let at = playback.now; at >= playback.earliest; at -= DAY_S) {
      days.push(make('option', {value: dateOf(at), text: day(at, playback.host.options.language, {weekday: true})}));
    }
    this.day.replaceChildren(...days);
  }

  choose() {
    const at = parse(`${this.day.value}T${this.hour.value.padStart(2, '0')}:00:00`);
    if (at === null) return;
    this.playback.pause();
    this.playback.open(at);
  }

  show() {
    const {playback, words} = this;
    this.box.hidden = !playback.isOn;
    this.mark.hidden = !playback.isOn;
    if (!playback.isOn) return;
    const {since, at} = playback;
    this.mark.textContent = [playback.mark, playback.note].filter(Boolean).join(' · ');
    this.time.textContent = clock(at);
    if (document.activeElement !== this.slider || playback.isPlaying) this.slider.value = String(Math.floor(at - since));
    this.slider.setAttribute('aria-valuetext', clock(at));
    this.showDays();
    this.day.value = dateOf(since);
    this.hour.value = String(Number(clock(since).slice(0, 2)));
    this.speed.value = String(playback.speed);
    const name = playback.isPlaying ? 'pause' : 'play';
    if (this.play.dataset.icon === name) return;
    this.play.replaceChildren(...iconButton(name, words[name], () => {}).childNodes);
    Object.assign(this.play, {title: words[name], ariaLabel: words[name]});
    this.play.dataset.icon = name;
  }
}
