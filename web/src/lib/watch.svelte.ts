import {
  apiError,
  getMedia,
  getShared,
  isKeyProblem,
  mintToken,
  onThisOrigin,
  setDownloads,
  type Asset,
  type Playback,
} from './api';
import { replaceAddress } from './navigation.svelte';
import { failureOfNotReady, failureOfProblem, type Failure } from './playback/errors';

/** One title being watched: how its links are got, and got again. */
export class WatchSession {
  asset: Asset | null = $state.raw(null);
  playback: Playback | null = $state.raw(null);
  failure: Failure | null = $state.raw(null);
  /** No link and no key: the page can only ask for one. */
  locked = $state(false);
  /** Counts the times that links were got; players opened for older ones are replaced. */
  generation = $state(0);

  #token: string | null;

  constructor(
    readonly id: string,
    token: string | null,
    /** Where another token is had when the one of the link is dead; null: from the server, for the operator. */
    private readonly another: (() => Promise<string | null>) | null = null,
  ) {
    this.#token = token;
  }

  /** What this page may ask with, besides the operator key; null when there is nothing. */
  get token(): string | null {
    return this.#token ?? this.playback?.token ?? null;
  }

  /** Loads the title with the link's token, or as the operator when the address has none. */
  async open(): Promise<void> {
    this.locked = false;
    this.failure = null;
    try {
      await (this.#token === null ? this.#openAsOperator() : this.#openShared(this.#token));
    } catch (error) {
      const { problem } = apiError(error);
      this.locked = this.#token === null && isKeyProblem(problem);
      this.failure = failureOfProblem(problem);
    }
  }

  /** Looks at the title anew. What plays is left alone. */
  async refresh(): Promise<void> {
    try {
      this.asset = await (this.token === null ? getMedia(this.id) : getShared(this.id, this.token));
    } catch (error) {
      // The player notices by itself whether it can go on.
      apiError(error);
    }
  }

  /** A new attempt after a failure. The operator's dead link becomes a live one; a viewer is told why it stays dead. */
  async renew(): Promise<Failure | null> {
    try {
      await (this.#token === null ? this.#openAsOperator() : this.#openShared(this.#token));
    } catch (error) {
      const { problem } = apiError(error);
      const remaining = failureOfProblem(problem);
      if (!problem.code.startsWith('token-') || !(await this.#remint())) {
        return remaining;
      }
    }
    return this.failure;
  }

  /** Lets viewers have the file, or no longer; what plays is left alone. */
  async allowDownloads(allowed: boolean): Promise<void> {
    this.asset = await setDownloads(this.id, allowed);
    if (this.playback !== null) {
      this.playback = { ...this.playback, download: (await mintToken(this.id)).download };
    }
  }

  async #openShared(token: string): Promise<void> {
    const asset = await getShared(this.id, token);
    this.#show(asset, asset.playback ?? null);
  }

  async #openAsOperator(): Promise<void> {
    const asset = await getMedia(this.id);
    const plays = asset.state === 'ready' || asset.state === 'arriving';
    this.#show(asset, plays ? await mintToken(this.id) : null);
  }

  async #remint(): Promise<boolean> {
    if (this.another !== null) {
      return this.#openWithAnother(this.another);
    }
    try {
      await this.#openAsOperator();
    } catch (error) {
      // Not the operator: the link's own failure is the one to show.
      apiError(error);
      return false;
    }
    if (this.playback !== null) {
      this.#token = this.playback.token;
      replaceAddress(onThisOrigin(this.playback.watch, location.origin));
    }
    return true;
  }

  async #openWithAnother(another: () => Promise<string | null>): Promise<boolean> {
    const token = await another();
    if (token === null) {
      return false;
    }
    this.#token = token;
    try {
      await this.#openShared(token);
    } catch (error) {
      // No better than the one before.
      apiError(error);
      return false;
    }
    return true;
  }

  #show(asset: Asset, playback: Playback | null): void {
    this.asset = asset;
    this.playback = playback;
    this.generation += 1;
    this.failure = playback === null && asset.state !== 'processing' ? failureOfNotReady(asset) : null;
  }
}
