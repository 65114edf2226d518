/** Work done in slices of a frame, in the order it came, so that a burst of new tiles never stops the map from moving. */

const BUDGET_MS = 7;
const waiting = [];
let isRunning = false;

function run() {
  const end = performance.now() + BUDGET_MS;
  while (waiting.length && performance.now() < end) waiting.shift()();
  if (waiting.length) requestAnimationFrame(run);
  else isRunning = false;
}

/**
 * Resolves with the outcome of `task` once its turn came; a hidden tab has no frames, so there it runs at once.
 * @template T
 * @param {() => T} task
 * @returns {Promise<T>}
 */
export function inTurn(task) {
  if (document.hidden) return Promise.resolve().then(task);
  return new Promise((resolve, reject) => {
    waiting.push(() => {
      try {
        resolve(task());
      } catch (error) {
        reject(error);
      }
    });
    if (isRunning) return;
    isRunning = true;
    requestAnimationFrame(run);
  });
}
