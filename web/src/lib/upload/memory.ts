/** An upload that has not come to its end, as it is remembered beyond the page. */
export interface Remembered {
  url: string;
  name: string;
  sizeBytes: number;
  /** Epoch milliseconds: with name and size, what tells a file from another. */
  lastModified: number;
  acceptedBytes: number;
  expiresInMinutes: number | null;
  /** Epoch milliseconds until which the server keeps it; null when it did not say. */
  expiresAt: number | null;
}

const key = 'sluice.uploads';

/** Unfinished uploads of this browser. What cannot be read or written is forgotten; such an upload begins anew. */
export class UploadMemory {
  constructor(
    /** May throw: a browser can be told to keep nothing. */
    private readonly storage: () => Pick<Storage, 'getItem' | 'setItem'>,
    private readonly now: () => number = () => Date.now(),
  ) {}

  /** In the order in which they were begun, without those that the server has thrown away by now. */
  all(): Remembered[] {
    let stored: unknown;
    try {
      stored = JSON.parse(this.storage().getItem(key) ?? '[]');
    } catch {
      // Written by somebody else, or nothing may be kept.
      return [];
    }
    return Array.isArray(stored)
      ? stored.filter(isRemembered).filter(({ expiresAt }) => expiresAt === null || expiresAt > this.now())
      : [];
  }

  set(upload: Remembered): void {
    const known = this.all();
    this.#write(
      known.some(({ url }) => url === upload.url)
        ? known.map((other) => (other.url === upload.url ? upload : other))
        : [...known, upload],
    );
  }

  forget(url: string): void {
    this.#write(this.all().filter((upload) => upload.url !== url));
  }

  #write(uploads: readonly Remembered[]): void {
    try {
      this.storage().setItem(key, JSON.stringify(uploads));
    } catch {
      // Full or forbidden: the uploads of this page go on, only the next page will not know of them.
      return;
    }
  }
}

function isRemembered(value: unknown): value is Remembered {
  const upload = value as Partial<Remembered> | null;
  return (
    typeof upload === 'object' &&
    upload !== null &&
    typeof upload.url === 'string' &&
    // Whatever else may write here: only our own server is ever asked.
    upload.url.startsWith('/') &&
    !upload.url.startsWith('//') &&
    typeof upload.name === 'string' &&
    typeof upload.sizeBytes === 'number' &&
    typeof upload.lastModified === 'number' &&
    typeof upload.acceptedBytes === 'number'
  );
}
