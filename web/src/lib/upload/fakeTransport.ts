import { ApiError, parseProblem, type Asset } from '../api';
import type { Arrived, Attempt, Standing, Transport } from './transport';

/** One call of `send`, held open by a test. */
export interface Sending {
  attempt: Attempt;
  signal: AbortSignal;
  resolve: (arrived: Arrived) => void;
  reject: (error: unknown) => void;
}

/** A server of a test: it answers when the test says so. */
export class FakeTransport implements Transport {
  readonly sendings: Sending[] = [];
  readonly ended: string[] = [];
  readonly standings = new Map<string, Standing | ApiError>();
  endFails: ApiError | null = null;
  titleFails: ApiError | null = null;
  titleState: Asset['state'] = 'ready';

  send = (attempt: Attempt, signal: AbortSignal): Promise<Arrived> =>
    new Promise((resolve, reject) => {
      signal.addEventListener('abort', () => reject(new DOMException('', 'AbortError')));
      this.sendings.push({ attempt, signal, resolve, reject });
    });

  title = (mediaId: string): Promise<Asset> =>
    this.titleFails === null
      ? Promise.resolve({ id: mediaId, title: mediaId, state: this.titleState } as Asset)
      : Promise.reject(this.titleFails);

  ask = (url: string): Promise<Standing> => {
    const standing = this.standings.get(url);
    return standing === undefined || standing instanceof ApiError
      ? Promise.reject(standing ?? refusal(404, 'upload-unknown'))
      : Promise.resolve(standing);
  };

  end = (url: string): Promise<void> => {
    this.ended.push(url);
    return this.endFails === null ? Promise.resolve() : Promise.reject(this.endFails);
  };

  /** The sending of this number, from 0. */
  nth(index: number): Sending {
    const found = this.sendings[index];
    if (found === undefined) {
      throw new Error(`no sending ${index}`);
    }
    return found;
  }
}

export function refusal(status: number, code: string): ApiError {
  return new ApiError(parseProblem(status, JSON.stringify({ code, title: code })));
}
