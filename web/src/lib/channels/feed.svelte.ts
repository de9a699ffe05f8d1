import { ApiError, isKeyProblem } from '../api';
import { withSample } from '../charts/window';
import { pollWhileSeen } from '../poll';
import { channelStatus } from './api';
import { sampleOf, type ChannelStatus, type Sample } from './status';

/** How often a channel is asked for its status while it is looked at, and how often once that failed. */
export const statusEveryMs = 2000;
const afterFailureMs = 10_000;

/** How much of the past a chart shows. */
export const chartSpanMs = 180_000;

/** A hole in the asking from which on a chart breaks its lines. */
export const chartGapMs = 3 * statusEveryMs;

/** The status of one channel, now and during the last minutes. */
export class StatusFeed {
  status: ChannelStatus | null = $state.raw(null);
  samples: readonly Sample[] = $state.raw([]);
  /** Why the last question was not answered; empty when it was. */
  problem = $state('');

  constructor(
    readonly name: string,
    private readonly now: () => number = Date.now,
  ) {}

  /** Asks while the page is seen. What it returns ends that. */
  follow(): () => void {
    return pollWhileSeen(() => this.ask());
  }

  /** Asks once. Answers after how many milliseconds to ask again; null: only a key, or another channel, would help. */
  async ask(): Promise<number | null> {
    try {
      const status = await channelStatus(this.name);
      this.status = status;
      this.samples = withSample(this.samples, sampleOf(status, this.now()), chartSpanMs);
      this.problem = '';
      return statusEveryMs;
    } catch (error) {
      if (!(error instanceof ApiError)) {
        throw error;
      }
      this.problem = error.problem.title;
      return isKeyProblem(error.problem) || error.problem.status === 404 ? null : afterFailureMs;
    }
  }
}
