/** Addresses on the app's own origin, also from inside a frame whose own address is about:srcdoc. */

function origin() {
  return location.protocol.startsWith('http') ? location.origin : window.parent.location.origin;
}

/** @param {string} path absolute path on the app */
export function httpUrl(path) {
  return origin() + path;
}

/** @param {string} path absolute path of a WebSocket route */
export function socketUrl(path) {
  return origin().replace(/^http/, 'ws') + path;
}
