import { isOver, UploadQueue, type Upload } from './queue';
import { sendFile } from './send';

/** The page's one upload queue. It lives outside the pages, so moving to a watch page does not stop it. */
class Uploads {
  list: readonly Upload[] = $state.raw([]);
  readonly queue = new UploadQueue(sendFile, (uploads) => {
    this.list = uploads;
  });

  get active(): boolean {
    return this.list.some((upload) => !isOver(upload.state));
  }
}

export const uploads = new Uploads();
