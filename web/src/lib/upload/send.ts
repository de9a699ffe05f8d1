import { ApiError, keyHeader, parseProblem, type CreatedAsset } from '../api';
import type { SendFile } from './queue';

/** Sends a file as multipart/form-data. XMLHttpRequest, because fetch cannot report upload progress. */
export const sendFile: SendFile = (file, { expiresInMinutes }, onProgress, signal) =>
  new Promise<CreatedAsset>((resolve, reject) => {
    const xhr = new XMLHttpRequest();
    const query = expiresInMinutes === null ? '' : `?expiresInMinutes=${expiresInMinutes}`;
    xhr.open('POST', `/api/v1/media${query}`);
    xhr.setRequestHeader('Accept', 'application/json');
    for (const [name, value] of Object.entries(keyHeader())) {
      xhr.setRequestHeader(name, value);
    }
    xhr.upload.onprogress = (event) => onProgress(event.loaded, event.total);
    xhr.onload = () => {
      if (xhr.status >= 200 && xhr.status < 300) {
        resolve(JSON.parse(xhr.responseText) as CreatedAsset);
      } else {
        reject(new ApiError(parseProblem(xhr.status, xhr.responseText)));
      }
    };
    // A server that refuses early closes the connection; its answer may be lost on the way.
    xhr.onerror = () =>
      reject(
        new ApiError({
          title: 'The connection broke before the upload was finished.',
          status: 0,
          code: 'network',
          hint: navigator.onLine
            ? 'Check that the server is running, then send it again.'
            : 'This device is offline.',
        }),
      );
    xhr.onabort = () => reject(new DOMException('The upload was cancelled.', 'AbortError'));
    signal.addEventListener('abort', () => xhr.abort(), { once: true });

    const form = new FormData();
    form.append('media', file, file.name);
    xhr.send(form);
  });
