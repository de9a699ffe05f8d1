import { apiError, type Problem } from '../api';
import { pollWhileSeen } from '../poll';
import { keepSession, newViewer } from '../pulse';
import { burnSubtitles, chooseFile, endSession, getSession, keepInLibrary } from './api';
import { keyOf, type Session, type SessionPlayback } from './session';

/** How often a session is looked at: while it opens, while its torrent is on its way, and else. */
const openingEveryMs = 1000;
const torrentEveryMs = 2000;
const everyMs = 5000;
/** New links that are refused as well are no reason to ask for more of them. */
const renewEveryMs = 60_000;

/** A session as its page follows it. */
export class OpenSession {
  /** `over`: there is no such session any more, or never was. */
  phase: 'loading' | 'open' | 'over' | 'failed' = $state('loading');
  /** As it was when the server was last heard of; null when it never was. */
  session: Session | null = $state.raw(null);
  /** Links to what it plays. They stay the same until something else is played, or these are of no use any more. */
  playback: SessionPlayback | null = $state.raw(null);
  /** Why nothing is known of it. */
  problem: Problem | null = $state.raw(null);
  /** Why what is known is old; empty when it is not. */
  stale = $state('');
  /** What was asked for last and not done. */
  refusal: Problem | null = $state.raw(null);
  /** Somebody asked for something, and the server has not answered. */
  busy = $state(false);

  /** Where the film is, for the player that is opened next. */
  place: { seconds: number; playing: boolean };

  /** What `playback` plays. */
  #playing: string | null = null;
  #film: string | null = null;
  #wantsNewLinks = false;
  #renewedAt = Number.NEGATIVE_INFINITY;
  #stopBeating: (() => void) | undefined;
  /** Answers come in any order; those to older questions say nothing new. */
  #asked = 0;
  #heard = 0;

  constructor(
    readonly id: string,
    private readonly now: () => number = Date.now,
    /** Whether it is to play without being asked to. */
    private readonly playing = false,
  ) {
    this.place = { seconds: 0, playing };
  }

  /** What there is to play, and what tells it from what was played before; null while there is nothing. */
  get key(): string | null {
    return this.playback === null ? null : this.#playing;
  }

  /** Nothing will come of it by itself. A torrent may have another file that plays. */
  get isLost(): boolean {
    return this.session?.state === 'failed' && this.session.torrent === null;
  }

  /** Looks at it again and again, and says that somebody watches, until the answer is called. */
  follow(viewer = newViewer()): () => void {
    const stopLooking = pollWhileSeen(() => this.ask());
    this.#stopBeating = keepSession(this.id, viewer, {
      heard: (session) => void this.#told(session),
      over: () => this.#end(),
    });
    return () => {
      stopLooking();
      this.#stopBeating?.();
    };
  }

  /** Asks how it is. Answers after how many milliseconds to ask again; null: never. */
  async ask(): Promise<number | null> {
    if (this.phase === 'over') {
      return null;
    }
    this.#asked += 1;
    const number = this.#asked;
    try {
      const session = await getSession(this.id);
      if (number > this.#heard) {
        this.#heard = number;
        this.#show(session);
      }
    } catch (error) {
      const { problem } = apiError(error);
      if (problem.code === 'session-unknown') {
        this.#end();
        return null;
      }
      if (this.session === null) {
        this.problem = problem;
        this.phase = 'failed';
      } else {
        this.stale = problem.title;
      }
      return everyMs;
    }
    return this.#pause();
  }

  /** New links to what is played, for who has old ones. Answers their token; null when there are none. */
  async renew(): Promise<string | null> {
    this.#wantsNewLinks = true;
    await this.ask();
    return this.#wantsNewLinks ? null : (this.playback?.token ?? null);
  }

  /** The stream said no: the session is over, or the page was open for longer than its links hold. */
  async refused(problem: Problem): Promise<void> {
    if (problem.code.startsWith('token-') && this.now() - this.#renewedAt > renewEveryMs) {
      this.#renewedAt = this.now();
      await this.renew();
    }
  }

  /** Plays another file of the torrent. */
  async choose(index: number): Promise<void> {
    await this.#act(() => chooseFile(this.id, index));
    await this.ask();
  }

  /** Draws other subtitles into the picture, or none. */
  async draw(track: number | null): Promise<void> {
    await this.#act(() => burnSubtitles(this.id, track));
    await this.ask();
  }

  /** Has it fetched into the library. */
  async keep(): Promise<void> {
    await this.#act(() => keepInLibrary(this.id));
    await this.ask();
  }

  /** Ends it for everybody. */
  async end(): Promise<void> {
    if (await this.#act(() => endSession(this.id))) {
      this.#end();
    }
  }

  async #act(action: () => Promise<void>): Promise<boolean> {
    this.refusal = null;
    this.busy = true;
    try {
      await action();
      return true;
    } catch (error) {
      const { problem } = apiError(error);
      if (problem.code === 'session-unknown') {
        this.#end();
      } else {
        this.refusal = problem;
      }
      return false;
    } finally {
      this.busy = false;
    }
  }

  /** A heartbeat was answered, for anybody who watches. It brings no links: those to something new are asked for. */
  async #told(session: Session): Promise<void> {
    const known = this.session;
    if (known !== null && this.phase !== 'over') {
      this.session = { ...session, may: known.may, kept: known.kept, playback: null };
      if (session.playable !== null && keyOf(session.playable) !== this.#playing) {
        await this.ask();
      }
    }
  }

  #show(session: Session): void {
    if (this.phase === 'over') {
      return;
    }
    this.session = session;
    this.phase = 'open';
    this.problem = null;
    this.stale = '';
    const key = keyOf(session.playable);
    if (session.playback === null) {
      if (session.state !== 'ready') {
        this.#playing = null;
        this.playback = null;
      }
    } else if (key !== this.#playing || this.#wantsNewLinks) {
      this.#wantsNewLinks = false;
      this.#playing = key;
      const film = session.playable?.film ?? null;
      if (film !== this.#film) {
        this.#film = film;
        this.place = { seconds: 0, playing: this.playing };
      }
      this.playback = session.playback;
    }
  }

  #end(): void {
    this.phase = 'over';
    this.playback = null;
    this.#stopBeating?.();
  }

  #pause(): number | null {
    const { state, torrent } = this.session ?? {};
    if (this.isLost) {
      // Heartbeats would keep what is of no use to anybody.
      this.#stopBeating?.();
      return null;
    }
    if (state === 'opening') {
      return openingEveryMs;
    }
    return torrent && torrent.state !== 'complete' ? torrentEveryMs : everyMs;
  }
}
