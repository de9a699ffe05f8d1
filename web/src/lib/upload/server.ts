import { ApiError, parseProblem, request } from '../api';
import type { Standing } from './transport';
import type { Plays } from './upload';

const protocol = { 'Tus-Resumable': '1.0.0' };

/** The pauses after which an upload that another request still appends to is removed again. */
const busyPausesMs = [200, 500, 1000, 2000];

/** What the server says of an upload; with 410 it also says why. */
export async function askUpload(url: string): Promise<Standing> {
  let response: Response;
  try {
    response = await request('HEAD', url, { headers: protocol });
  } catch (error) {
    throw error instanceof ApiError && error.problem.status === 410 ? await whyGone(url) : error;
  }
  const { headers } = response;
  return {
    acceptedBytes: Number(headers.get('Upload-Offset') ?? 0),
    sizeBytes: Number(headers.get('Upload-Length') ?? 0),
    mediaId: headers.get('Sluice-Media-Id'),
    plays: playsOf(headers.get('Sluice-Plays')),
  };
}

/** The reason of an upload that ended without a title: an answer to HEAD has no words. */
export async function whyGone(url: string): Promise<ApiError> {
  try {
    await request('DELETE', url, { headers: protocol });
  } catch (error) {
    if (error instanceof ApiError) {
      return error;
    }
    throw error;
  }
  return new ApiError(parseProblem(410, ''));
}

/** Has the server throw away what it has of an upload. */
export async function endUpload(url: string): Promise<void> {
  for (const pauseMs of [...busyPausesMs, null]) {
    try {
      await request('DELETE', url, { headers: protocol });
      return;
    } catch (error) {
      if (!(error instanceof ApiError)) {
        throw error;
      }
      const { status } = error.problem;
      if (status === 404 || status === 410) {
        return;
      }
      // The request that was broken off a moment ago still has its hand on it.
      if (status !== 423 || pauseMs === null) {
        throw error;
      }
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  }
}

function playsOf(header: string | null): Plays {
  return header === 'now' || header === 'at-end' ? header : 'unknown';
}
