import type { DetailedError, HttpResponse } from 'tus-js-client';
import { ApiError, networkProblem, parseProblem, type Problem } from '../api';
import { firstPieceBytes, nextPieceBytes } from './pace';
import { whyGone } from './server';
import type { Arrived, Attempt } from './transport';

const root = '/api/v1/uploads';

const stillChecking: Problem = {
  title: 'The server still looks at what has arrived.',
  status: 423,
  code: 'upload-busy',
};

const unreadable: Problem = {
  title: 'The file cannot be read any more.',
  status: 0,
  code: 'file-unreadable',
  hint: 'It was changed, moved or deleted meanwhile. Remove this upload and send the file anew.',
};

/**
 * One attempt by tus-js-client, which is loaded with the first file. It goes piece by piece and gives up at the first
 * failure: when to try again is the queue's to say.
 */
export async function sendByTus(attempt: Attempt, signal: AbortSignal): Promise<Arrived> {
  const { Upload } = await load();
  signal.throwIfAborted();
  return new Promise<Arrived>((resolve, reject) => {
    let begunMs = 0;
    const upload = new Upload(attempt.file, {
      // Of an upload that is there, no place to begin a new one: the client would do so whatever the server answers, be it
      // that it is just starting, and what is there would be lost.
      endpoint: attempt.url === null ? new URL(root, location.origin).href : null,
      uploadUrl: attempt.url,
      metadata: metadataOf(attempt),
      chunkSize: firstPieceBytes,
      retryDelays: null,
      storeFingerprintForResuming: false,
      onBeforeRequest: () => {
        // A client that is stopped before its first request would send it all the same.
        signal.throwIfAborted();
        begunMs = performance.now();
      },
      onAfterResponse: (_, response) => {
        const offset = response.getHeader('Upload-Offset');
        if (offset && response.getStatus() < 300) {
          attempt.accepted(Number(offset), dateOf(response.getHeader('Upload-Expires')));
        }
      },
      onUploadUrlAvailable: () => {
        if (upload.url !== null) {
          attempt.announced(new URL(upload.url, location.origin).pathname);
        }
      },
      onProgress: (sentBytes, totalBytes) => {
        if (sentBytes >= totalBytes) {
          attempt.sentAll();
        }
      },
      onChunkComplete: (bytes) => {
        upload.options.chunkSize = nextPieceBytes(bytes, performance.now() - begunMs);
      },
      onSuccess: ({ lastResponse }) => {
        const arrived = arrivedOf(lastResponse);
        if (arrived === null) {
          reject(new ApiError(stillChecking));
        } else {
          resolve(arrived);
        }
      },
      onError: (error) => void failureOf(error, attempt).then(reject, reject),
    });
    signal.addEventListener(
      'abort',
      () => {
        void upload.abort();
        reject(new DOMException('The upload was stopped.', 'AbortError'));
      },
      { once: true },
    );
    upload.start();
  });
}

async function load(): Promise<typeof import('tus-js-client')> {
  try {
    return await import('tus-js-client');
  } catch {
    // The server that would give it is away.
    throw new ApiError(networkProblem(navigator.onLine));
  }
}

function metadataOf({ file, options }: Attempt): Record<string, string> {
  return {
    filename: file.name,
    ...(file.type === '' ? {} : { filetype: file.type }),
    ...(options.expiresInMinutes === null ? {} : { expiresInMinutes: String(options.expiresInMinutes) }),
  };
}

function arrivedOf(response: HttpResponse): Arrived | null {
  const mediaId = response.getHeader('Sluice-Media-Id');
  return mediaId ? { mediaId, adminKey: response.getHeader('Sluice-Admin-Key') ?? null } : null;
}

function dateOf(header: string | undefined): Date | null {
  const time = Date.parse(header ?? '');
  return Number.isNaN(time) ? null : new Date(time);
}

async function failureOf(error: Error | DetailedError, { file, url }: Attempt): Promise<unknown> {
  const response = 'originalResponse' in error ? error.originalResponse : null;
  const status = response?.getStatus() ?? 0;
  if (response !== null && status !== 0) {
    return status === 410 && url !== null
      ? whyGone(url)
      : new ApiError(parseProblem(status, response.getBody() ?? ''));
  }
  return new ApiError((await isReadable(file)) ? networkProblem(navigator.onLine) : unreadable);
}

/** A browser reports a file that it cannot read as it does a broken line. */
async function isReadable(file: File): Promise<boolean> {
  try {
    await file.slice(0, 1).arrayBuffer();
    return true;
  } catch {
    // NotReadableError, NotFoundError.
    return false;
  }
}
