/** Files that were dropped or chosen, and how many of a folder's were left out. */
export interface Found {
  files: File[];
  leftOut: number;
}

/** More than this of one drop is no folder of videos. */
const mostFiles = 2000;

const extensions =
  /\.(3gp|aac|ac3|avi|flac|flv|m2ts|m4a|m4v|mka|mkv|mov|mp3|mp4|mpe?g|mts|mxf|ogg|ogv|opus|ts|vob|wav|webm|wmv)$/i;

/** Whether a file of a folder may be video or sound: what the browser says it is, or its name. */
export function isMedia({ type, name }: Pick<File, 'type' | 'name'>): boolean {
  return type.startsWith('video/') || type.startsWith('audio/') || extensions.test(name);
}

/** Of a folder only what may be video or sound; in the order of the names, as a person would look for them. */
export function mediaOf(files: readonly File[]): Found {
  const media = files
    .filter(({ name }) => !name.startsWith('.'))
    .filter(isMedia)
    .slice(0, mostFiles)
    .toSorted((a, b) => pathOf(a).localeCompare(pathOf(b), undefined, { numeric: true }));
  return { files: media, leftOut: files.length - media.length };
}

/**
 * The files of a drop, those in folders included. A file that was dropped by itself is always taken: whether it plays is the
 * server's to say. Entries are only there during the event, so all of them are taken before anything is waited for.
 */
export async function filesOfDrop(transfer: DataTransfer): Promise<Found> {
  const plain = [...transfer.files];
  const folders = [...transfer.items]
    .map((item) => (item.kind === 'file' ? item.webkitGetAsEntry() : null))
    .filter((entry) => entry?.isDirectory === true) as FileSystemDirectoryEntry[];
  if (folders.length === 0) {
    return { files: plain, leftOut: 0 };
  }
  const inside: File[] = [];
  for (const folder of folders) {
    await walk(folder, inside);
  }
  const found = mediaOf(inside);
  // A browser lists a folder among the files too, as a file that cannot be read.
  const names = new Set(folders.map(({ name }) => name));
  return { files: [...plain.filter(({ name }) => !names.has(name)), ...found.files], leftOut: found.leftOut };
}

async function walk(folder: FileSystemDirectoryEntry, into: File[]): Promise<void> {
  const reader = folder.createReader();
  // A reader gives a hundred at a time, and none at the end.
  for (let batch = await readBatch(reader); batch.length > 0; batch = await readBatch(reader)) {
    for (const entry of batch) {
      if (into.length >= mostFiles) {
        return;
      }
      if (entry.isDirectory) {
        await walk(entry as FileSystemDirectoryEntry, into);
      } else {
        into.push(
          await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject)),
        );
      }
    }
  }
}

function readBatch(reader: FileSystemDirectoryReader): Promise<FileSystemEntry[]> {
  return new Promise((resolve, reject) => reader.readEntries(resolve, reject));
}

function pathOf(file: File): string {
  return file.webkitRelativePath === '' ? file.name : file.webkitRelativePath;
}
