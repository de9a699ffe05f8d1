import { getMedia } from '../api';
import { UploadMemory } from './memory';
import { UploadQueue } from './queue';
import { askUpload, endUpload } from './server';
import { sendByTus } from './tus';
import { isActive, type Upload } from './upload';

/** The page's one upload queue. It lives outside the pages, so moving to a watch page does not stop it. */
class Uploads {
  list: readonly Upload[] = $state.raw([]);
  readonly queue = new UploadQueue(
    { send: sendByTus, title: getMedia, ask: askUpload, end: endUpload },
    new UploadMemory(() => localStorage),
    (uploads) => {
      this.list = uploads;
    },
  );
  #opened = false;

  constructor() {
    addEventListener('online', () => this.queue.wake());
  }

  /** A page that shows uploads is on show: the first one lists what earlier visits left. */
  open(): void {
    if (!this.#opened) {
      this.#opened = true;
      void this.queue.restore();
    }
  }

  /** How many would end with this page. */
  get active(): number {
    return this.list.filter(isActive).length;
  }
}

export const uploads = new Uploads();
