/**
 * Runs in the page around the map while that page is still being put together: asks for what the map will want first.
 *
 * The map takes the answers from `window.gridmapAhead`, by address; what it did not take within a while is let go of.
 */

import {TABLES, tablePath} from './topics.js';

const KEPT_MS = 20_000;

/** @type {Map<string, Promise<Response>>} */
const asked = new Map();
window.gridmapAhead = asked;

function ask(path, options) {
  const answer = fetch(path, options);
  asked.set(path, answer);
  return answer;
}

async function askAll() {
  const response = await ask('/state.json', {cache: 'no-store'});
  if (!response.ok) return;
  const {revisions} = await response.clone().json();
  await Promise.all(TABLES.map((name) => ask(tablePath(name, revisions))));
}

// The map asks again for what failed here, and says so where it fails again.
askAll().catch(() => {}).finally(() => setTimeout(() => asked.clear(), KEPT_MS));
