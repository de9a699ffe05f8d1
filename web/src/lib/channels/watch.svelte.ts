import { ApiError, isKeyProblem, onThisOrigin, type Problem } from '../api';
import { getChannel } from './api';
import type { Channel } from './channel';

/** What a channel is watched by. All on this origin. */
export interface Links {
  hls: string;
  ts: string;
  watch: string;
  /** ISO 8601; null when they do not expire, or when the token alone knows. */
  expiresAt: string | null;
}

/** New links that are refused as well are no reason to ask for more of them. */
const renewEveryMs = 60_000;

/** One channel being watched: who asks, and by which links. */
export class ChannelSession {
  /** Known to the operator only: a link plays, and tells nothing else. */
  channel: Channel | null = $state.raw(null);
  links: Links | null = $state.raw(null);
  problem: Problem | null = $state.raw(null);
  #renewedAt = Number.NEGATIVE_INFINITY;

  /** Neither link nor key nor a public channel: the page can only ask for one. */
  locked = $state(false);

  constructor(
    readonly name: string,
    readonly token: string | null,
    private readonly origin: string,
    private readonly now: () => number = Date.now,
  ) {}

  async open(): Promise<void> {
    // A player on links of before would be refused once more, and lock the page behind the key that opened it.
    this.links = null;
    this.locked = false;
    this.problem = null;
    if (this.token !== null) {
      this.links = this.#linksWith(this.token);
      return;
    }
    try {
      this.channel = await getChannel(this.name);
      const { playback } = this.channel;
      this.links = {
        hls: onThisOrigin(playback.hls, this.origin),
        ts: onThisOrigin(playback.ts, this.origin),
        watch: onThisOrigin(playback.watch, this.origin),
        expiresAt: playback.expiresAt,
      };
    } catch (error) {
      if (!(error instanceof ApiError)) {
        throw error;
      }
      if (error.needsKey) {
        // Not the operator. A public channel plays all the same: the stream itself will say.
        this.links = this.#linksWith(null);
      } else {
        this.problem = error.problem;
      }
    }
  }

  /** The stream said no. The operator, whose page may stay open for days, gets new links when the old ones have run out. */
  async refused(problem: Problem): Promise<void> {
    if (this.channel === null) {
      this.locked = this.token === null && (problem.code === 'token-missing' || isKeyProblem(problem));
    } else if (problem.code.startsWith('token-') && this.now() - this.#renewedAt > renewEveryMs) {
      this.#renewedAt = this.now();
      await this.open();
    }
  }

  #linksWith(token: string | null): Links {
    const path = encodeURIComponent(this.name);
    const query = token === null ? '' : `?${new URLSearchParams({ token })}`;
    return {
      hls: `${this.origin}/live/${path}/index.m3u8${query}`,
      ts: `${this.origin}/live/${path}${query}`,
      watch: `${this.origin}/channels/${path}${query}`,
      expiresAt: null,
    };
  }
}
