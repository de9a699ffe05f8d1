import type { components } from '../api.gen';
import { formatSpan } from '../format';

/** What the server works on for one title, as its events tell it too. */
export type Job = Pick<
  components['schemas']['JobView'],
  'id' | 'asset' | 'kind' | 'state' | 'progress' | 'speed' | 'etaSeconds' | 'reason'
>;

/** What an operator can do to a job, as the API names it. */
export type JobAction = 'pause' | 'resume' | 'cancel' | 'retry';

const verbs: Record<Job['kind'], { does: string; noun: string }> = {
  remux: { does: 'Preparing', noun: 'preparing' },
  encode: { does: 'Encoding', noun: 'encoding' },
  extras: { does: 'Making previews', noun: 'making previews' },
  replan: { does: 'Planning anew', noun: 'planning anew' },
  prepare: { does: 'Looking at it again', noun: 'looking at it again' },
  publish: { does: 'Publishing', noun: 'publishing' },
  unpublish: { does: 'Unpublishing', noun: 'unpublishing' },
};

/** What is done, within a sentence: `encoding`. */
export function nameOf(job: Job): string {
  return verbs[job.kind].noun;
}

/** Neither done nor given up. */
export function isActive(job: Job): boolean {
  return job.state === 'queued' || job.state === 'running' || job.state === 'paused';
}

/** The list with the newest state of one job; a job that is new to it is the newest, and stands first. */
export function withJob(jobs: readonly Job[], job: Job): Job[] {
  return jobs.some(({ id }) => id === job.id)
    ? jobs.map((known) => (known.id === job.id ? job : known))
    : [job, ...jobs];
}

/**
 * The job to show for a title: one that goes on, what plays first; else the last one, if it left something undone.
 * `jobs` is newest first.
 */
export function jobOf(jobs: readonly Job[], asset: string): Job | null {
  const own = jobs.filter((job) => job.asset === asset);
  const active = own.filter(isActive);
  const last = own[0];
  return (
    active.find(({ kind }) => kind === 'remux') ??
    active.find(({ kind }) => kind === 'encode') ??
    active[0] ??
    (last !== undefined && (last.state !== 'done' || last.reason !== null) ? last : null)
  );
}

/** Whole percent, never 100 before the end. */
export function percentOf(job: Job): number {
  // 0.57 * 100 is a little less than 57.
  return Math.min(99, Math.floor(job.progress * 100 + 1e-6));
}

/** `Encoding 43 % · 2.4× · 3 min left`; what is not known is left out. */
export function lineOf(job: Job): string {
  const { does } = verbs[job.kind];
  const at = `${percentOf(job)} %`;
  switch (job.state) {
    case 'queued':
      return job.progress > 0 ? `${does} · waiting at ${at}` : `${does} · waiting for its turn`;
    case 'running':
      return [
        job.kind === 'remux' ? `${does}… ${at}` : `${does} ${at}`,
        ...(job.speed !== null && job.speed > 0 ? [formatSpeed(job.speed)] : []),
        ...(job.etaSeconds === null ? [] : [`${formatSpan(Math.ceil(job.etaSeconds) * 1000)} left`]),
      ].join(' · ');
    case 'paused':
      return `${does} · paused at ${at}`;
    case 'cancelled':
      return `${does} · stopped at ${at}`;
    case 'failed':
      return `${does} failed`;
    case 'done':
      return `${does} is done`;
  }
}

/** What can be done to a job in its state, the mildest first. */
export function actionsOf(job: Job): JobAction[] {
  switch (job.state) {
    case 'queued':
    case 'running':
      return ['pause', 'cancel'];
    case 'paused':
      return ['resume', 'cancel'];
    case 'failed':
    case 'cancelled':
      return ['retry'];
    case 'done':
      return [];
  }
}

/** Seconds of media in a second: `0.35×`, `2.4×`, `31×`. */
export function formatSpeed(speed: number): string {
  const digits = speed < 0.995 ? 2 : speed < 9.95 ? 1 : 0;
  return `${Number(speed.toFixed(digits))}×`;
}
