/** What the telephone keeps: acts that wait to be sent, fixes, what was refused, and the last board of the team. */

const NAME = 'gridmap-team';
const VERSION = 1;
/** Fixes beyond so many lose the oldest: half a day at one every twenty seconds. */
const MOST_FIXES = 2000;

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
      // In the order they were made in: keys count up and are never given twice.
      request.result.createObjectStore('acts', {keyPath: 'n', autoIncrement: true});
      request.result.createObjectStore('fixes', {keyPath: 'n', autoIncrement: true});
      request.result.createObjectStore('told', {keyPath: 'n', autoIncrement: true});
      request.result.createObjectStore('boards');
    };
    return new Kept(await ask(request));
  }

  constructor(database) {
    this.database = database;
  }

  /** Resolved once it is on disk: what a person was told is kept must survive an empty battery. */
  async write(store, change) {
    const transaction = this.database.transaction(store, 'readwrite', {durability: 'strict'});
    const done = new Promise((resolve, reject) => {
      transaction.oncomplete = resolve;
      transaction.onabort = () => reject(transaction.error);
    });
    const result = await ask(change(transaction.objectStore(store)));
    await done;
    return result;
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

  keepBoard(key, board) {
    return this.write('boards', (objects) => objects.put(board, key));
  }

  board(key) {
    return this.read('boards', (objects) => objects.get(key));
  }

  /** Forget everything: whoever signs out leaves nothing behind. */
  async clear() {
    for (const store of ['acts', 'fixes', 'told', 'boards']) await this.write(store, (objects) => objects.clear());
  }
}
