/** What is painted some times a second, and only while it changes and somebody looks. */

/**
 * Look every `ms` whether there is something to paint, and paint it with the next frame. No frame is asked for otherwise:
 * each would have the browser put the page together again, for nothing.
 * @param {number} ms @param {() => boolean} isNeeded @param {() => void} paint @returns {() => void} ends it
 */
export function paintEvery(ms, isNeeded, paint) {
  let timer;
  let frame;
  const wait = () => { timer = setTimeout(look, ms); };
  const look = () => {
    if (!isNeeded()) {
      wait();
      return;
    }
    frame = requestAnimationFrame(() => {
      wait();
      paint();
    });
  };
  wait();
  return () => {
    clearTimeout(timer);
    cancelAnimationFrame(frame);
  };
}
