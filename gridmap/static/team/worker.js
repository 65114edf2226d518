/* The page without a connection: its files, and the ground of the map as far as it was seen. VERSION and SHELL come
   from the server. What teams did is kept by the page itself, see kept.js. */
'use strict';

const FILES = `gridmap-team-${VERSION}`;
const GROUND = 'gridmap-ground';
/** The ground along the order, which the page fetches ahead: see ahead.js. */
const WAY = 'gridmap-way';
const PAGE = '/team';
const PAGE_WITHIN_MS = 5000;
const TILE_WITHIN_MS = 4000;
const MOST_TILES = 800;

self.addEventListener('install', (event) => {
  event.waitUntil((async () => {
    const files = await caches.open(FILES);
    await files.addAll(SHELL);
    // The page that is open now came before the worker: kept here, or the first loss of the connection would lose it.
    await keepPage(files, await fetch(PAGE, {headers: {Accept: 'text/html'}}));
    await self.skipWaiting();
  })());
});

/** Being sent to the sign-in, or a refusal, is no page to keep. */
async function keepPage(files, answer) {
  if (answer.ok && !answer.redirected) await files.put(PAGE, answer.clone());
}

self.addEventListener('activate', (event) => {
  event.waitUntil((async () => {
    const old = (await caches.keys()).filter((name) => name.startsWith('gridmap-team-') && name !== FILES);
    await Promise.all(old.map((name) => caches.delete(name)));
    await self.clients.claim();
  })());
});

function within(ms, promise) {
  return Promise.race([promise, new Promise((_, reject) => { setTimeout(() => reject(new Error('late')), ms); })]);
}

/** The page from the server; without one the page as it was last. Being sent to the sign-in is an answer as well. */
async function answerPage(request) {
  const files = await caches.open(FILES);
  try {
    const answer = await within(PAGE_WITHIN_MS, fetch(request));
    if (new URL(request.url).pathname === PAGE) await keepPage(files, answer);
    return answer;
  } catch (fault) {
    const known = await files.match(PAGE);
    if (known) return known;
    throw fault;
  }
}

/** Files under the name of their version never change. */
async function answerFile(request) {
  const files = await caches.open(FILES);
  const known = await files.match(request);
  if (known) return known;
  const answer = await fetch(request);
  if (answer.ok) await files.put(request, answer.clone());
  return answer;
}

async function answerTile(request) {
  const ground = await caches.open(GROUND);
  try {
    const answer = await within(TILE_WITHIN_MS, fetch(request));
    // An empty tile is an answer too, but a cache takes none without a body.
    if (answer.status === 200) {
      await ground.put(request, answer.clone());
      const keys = await ground.keys();
      if (keys.length > MOST_TILES) await ground.delete(keys[0]);
    }
    return answer;
  } catch {
    const known = (await ground.match(request)) ?? (await (await caches.open(WAY)).match(request));
    return known ?? Response.error() /* asked for again by the map */;
  }
}

self.addEventListener('fetch', (event) => {
  const {request} = event;
  const {origin, pathname} = new URL(request.url);
  if (request.method !== 'GET' || origin !== self.location.origin) return;
  if (request.mode === 'navigate') {
    if (pathname === PAGE || pathname.startsWith('/team/orders/')) event.respondWith(answerPage(request));
  } else if (pathname.startsWith('/team/assets/') || pathname.startsWith('/vendor/')) event.respondWith(answerFile(request));
  else if (pathname.startsWith('/tiles/') && !request.headers.has('X-Gridmap-Ahead')) event.respondWith(answerTile(request));
});
