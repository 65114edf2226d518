/** What the telephone keeps: acts that wait to be sent, those the server took, fixes, what was refused, the last board. */

const NAME = 'gridmap-team';
const VERSION = 2;
/** Fixes beyond so many lose the oldest: half a day at one every twenty seconds. */
const MOST_FIXES = 2000;
/** Boards of other days and languages beyond so many are forgotten. */
const MOST_BOARDS = 6;
const STORES = ['acts', 'taken', 'fixes', 'told'];

function ask(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

export class Kept {
  static async open() {
    const request = indexedDB.open(NAME, VERSION);
    request.onupgradeneeded = () => {
      const database = request.result;
      const missing = (name) => !database.objectStoreNames.contains(name);
      // In the order they were made in: keys count up and are never given twice.
      for (const name of STORES.filter(missing)) database.createObjectStore(name, {keyPath: 'n', autoIncrement: true});
      if (missing('boards')) database.createObjectStore('boards');
      else request.transaction.objectStore('boards').clear(); // an older page kept them without their number
    };
    const database = await ask(request);
    // A newer page in another window must not wait for this one to be closed.
    database.onversionchange = () => database.close();
    return new Kept(database);
  }

  constructor(database) {
    this.database = database;
  }

  /** Resolved once it is on disk: what a person was told is kept must survive an empty battery. */
  async transact(stores, change) {
    const transaction = this.database.transaction(stores, 'readwrite', {durability: 'strict'});
    const done = new Promise((resolve, reject) => {
      transaction.oncomplete = resolve;
      transaction.onabort = () => reject(transaction.error);
    });
    const result = await change((name) => transaction.objectStore(name));
    await done;
    return result;
  }

  write(store, change) {
    return this.transact(store, (objects) => ask(change(objects(store))));
  }

  read(store, question) {
    return ask(question(this.database.transaction(store).objectStore(store)));
  }

  add(store, item) {
    return this.write(store, (objects) => objects.add(item));
  }

  /** Everything in a store, the oldest first. */
  list(store) {
    return this.read(store, (objects) => objects.getAll());
  }

  remove(store, n) {
    return this.write(store, (objects) => objects.delete(n));
  }

  async addFix(fix) {
    await this.add('fixes', fix);
    const [count, first] = await Promise.all([
      this.read('fixes', (objects) => objects.count()), this.read('fixes', (objects) => objects.getAllKeys(null, 1)),
    ]);
    if (count > MOST_FIXES) await this.remove('fixes', first[0]);
  }

  /** Fixes up to number `last` are done with. */
  dropFixes(last) {
    return this.write('fixes', (objects) => objects.delete(IDBKeyRange.upperBound(last)));
  }

  /** The server has an act: it waits no longer, and counts for boards that were asked for before. */
  takeAct({n, photo, ...act}) {
    return this.transact(['acts', 'taken'], async (objects) => {
      objects('acts').delete(n);
      await ask(objects('taken').add({...act, photo: Boolean(photo)}));
    });
  }

  /** A number for a board that is about to be asked for, greater than those of all acts that it must know. */
  numberBoard() {
    return this.transact('taken', async (objects) => {
      const n = await ask(objects('taken').add({}));
      await ask(objects('taken').delete(n));
      return n;
    });
  }

  /**
   * Keep a board, unless one that was asked for later is here already: answers may overtake each other.
   * @param {string} key
   * @param {{n: number, board: object}} answer by the number it was asked under
   * @returns {Promise<{n: number, board: object}>} the one that is kept
   */
  keepBoard(key, answer) {
    return this.transact(['boards', 'taken'], async (objects) => {
      const boards = objects('boards');
      const known = await ask(boards.get(key));
      if (known?.n > answer.n) return known;
      await ask(boards.put(answer, key));
      const [keys, all] = [await ask(boards.getAllKeys()), await ask(boards.getAll())];
      const newest = all.map(({n}, i) => ({n, key: keys[i]})).sort((a, b) => b.n - a.n);
      for (const old of newest.slice(MOST_BOARDS)) boards.delete(old.key);
      // What every board knows counts for none any more.
      await ask(objects('taken').delete(IDBKeyRange.upperBound(newest.slice(0, MOST_BOARDS).at(-1).n)));
      return answer;
    });
  }

  /** @returns {Promise<?{n: number, board: object}>} */
  async board(key) {
    return (await this.read('boards', (objects) => objects.get(key))) ?? null;
  }

  /** Forget everything: whoever signs out leaves nothing behind. */
  async clear() {
    for (const store of [...STORES, 'boards']) await this.write(store, (objects) => objects.clear());
  }
}
