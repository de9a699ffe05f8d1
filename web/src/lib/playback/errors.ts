import { networkProblem, parseProblem, type Asset, type Problem } from '../api';
import { formatSpan } from '../format';
import type { PlaybackCause } from './types';

/** Why nothing plays, in words for the person in front of it. */
export interface Failure {
  /** Stable: the server's error code, or `network`, `codec-unsupported`, `decode-failed`, `interrupted`. */
  code: string;
  /** One sentence. With `expiredAt` set, `describe` completes it with how long ago that was. */
  title: string;
  /** What to do next. */
  hint: string;
  /** A technical line for whoever wants it. */
  detail: string;
  expiredAt: Date | null;
}

const known: Record<string, { title: string; hint: string }> = {
  'token-expired': { title: 'This link expired', hint: 'Ask for a new link to go on watching.' },
  'token-revoked': { title: 'This link was revoked.', hint: 'Ask whoever shared it for a new one.' },
  'token-invalid': {
    title: 'This link is not valid.',
    hint: 'Check that it was copied whole, or ask for a new one.',
  },
  'token-missing': { title: 'This link lacks its token.', hint: 'Open it exactly as it was given to you.' },
  'token-bound': {
    title: 'This link is for another network.',
    hint: 'Open it where it was given to you, or ask for a new one.',
  },
  'views-used-up': {
    title: 'This link was viewed as often as it may be.',
    hint: 'Ask whoever shared it for a new one.',
  },
  'origin-refused': {
    title: 'This title may not be played on this page.',
    hint: 'Its owner can allow the site of this page.',
  },
  'too-many-requests': {
    title: 'The server is asked too often from here.',
    hint: 'Wait a moment, then try again.',
  },
  'key-missing': { title: 'This link lacks its token.', hint: 'Open it exactly as it was given to you.' },
  'media-expired': { title: 'This title expired', hint: 'Its owner can extend it for a short while.' },
  'media-unknown': {
    title: 'This title does not exist any more.',
    hint: 'It was deleted, or the link is wrong.',
  },
  'media-not-ready': { title: 'This title cannot be played yet.', hint: 'It has to be encoded first.' },
  'media-processing': {
    title: 'This title is still being prepared.',
    hint: 'It plays as soon as that is done.',
  },
  'segment-pending': {
    title: 'This part is still being encoded.',
    hint: 'The server is busy with it. Try again in a moment.',
  },
  'segment-failed': {
    title: 'This part could not be encoded.',
    hint: 'Other parts may play. Its owner can try the encoding again.',
  },
  'source-pending': {
    title: 'This part has not come yet.',
    hint: 'Nobody who is there has it. It goes on by itself when somebody does.',
  },
  'channel-unknown': { title: 'There is no such channel.', hint: 'It was removed, or the link is wrong.' },
  'segment-unknown': { title: 'A piece of this title is missing.', hint: 'Load it again.' },
};

/** The server's problem as a failure. */
export function failureOfProblem(problem: Problem): Failure {
  const words = known[problem.code];
  const expiredAt = dateOf(problem.expiredAt);
  return {
    code: problem.code,
    title: words?.title ?? problem.title,
    hint: words?.hint ?? problem.hint ?? 'Try again in a moment.',
    // The server's sentence about an expiry was true when it was sent; ours counts on.
    detail: expiredAt === null ? (problem.detail ?? '') : '',
    expiredAt,
  };
}

/** A title that was kept although it cannot be played. */
export function failureOfNotReady(asset: Pick<Asset, 'reason' | 'state'>): Failure {
  const failure = failureOfProblem({ title: '', status: 409, code: 'media-not-ready' });
  const detail = asset.reason ?? '';
  return asset.state === 'failed'
    ? {
        ...failure,
        title: 'This title could not be prepared.',
        hint: 'Its owner can try it again in the library.',
        detail,
      }
    : { ...failure, detail };
}

/** What ended playback without the server having said no. */
export function failureOfCause(cause: Exclude<PlaybackCause, { kind: 'load' }>): Failure {
  switch (cause.kind) {
    case 'codec':
      return {
        code: 'codec-unsupported',
        title: 'This browser cannot play the codecs of this title.',
        hint: 'Try another browser, or another device.',
        detail: cause.codecs,
        expiredAt: null,
      };
    case 'decode':
      return {
        code: 'decode-failed',
        title: 'The browser failed to decode this title.',
        hint: 'Try again; if it stops at the same place, the file is damaged there.',
        detail: cause.message,
        expiredAt: null,
      };
    case 'unsupported':
      return {
        code: 'player-unsupported',
        title: 'This browser cannot play adaptive streams.',
        hint: 'Use a browser with Media Source Extensions.',
        detail: '',
        expiredAt: null,
      };
  }
}

/** Asks the server for the reason behind a failed load: the player libraries drop the body of an error answer. */
export async function failureOfLoad(url: string, get: typeof fetch, online: boolean): Promise<Failure> {
  let response: Response;
  try {
    // One byte is enough: only an error's body matters.
    response = await get(url, { headers: { Range: 'bytes=0-0' }, cache: 'no-store' });
  } catch {
    return failureOfProblem(networkProblem(online));
  }
  if (!response.ok && response.status !== 416) {
    return failureOfProblem(parseProblem(response.status, await response.text()));
  }
  await response.body?.cancel();
  return {
    code: 'interrupted',
    title: 'The stream broke off.',
    hint: 'The server answers again: try once more.',
    detail: '',
    expiredAt: null,
  };
}

/** The sentence with its age: `This link expired 14 s ago.` */
export function describe(failure: Failure, nowMs: number): string {
  if (failure.expiredAt === null) {
    return /[.!?]$/.test(failure.title) ? failure.title : `${failure.title}.`;
  }
  return `${failure.title} ${formatSpan(nowMs - failure.expiredAt.getTime())} ago.`;
}

function dateOf(text: string | undefined): Date | null {
  const date = text === undefined ? null : new Date(text);
  return date === null || Number.isNaN(date.getTime()) ? null : date;
}
