import { formatBytes, formatRate, formatSpan } from '../format';
import { isActive, percentOf, type Upload } from './upload';

/** What is said of one file, in a line. */
export function lineOf(upload: Upload): string {
  const { state, sizeBytes, acceptedBytes, bytesPerSecond, secondsLeft, problem, asset } = upload;
  const at = `${percentOf(acceptedBytes, sizeBytes)} %`;
  switch (state) {
    case 'waiting':
      return acceptedBytes === 0
        ? `Waiting · ${formatBytes(sizeBytes)}`
        : `Waiting to go on at ${at} of ${formatBytes(sizeBytes)}`;
    case 'sending':
      return paceLine(`${at} of ${formatBytes(sizeBytes)}`, bytesPerSecond, secondsLeft);
    case 'retrying':
      return `${problem?.title ?? 'The line is broken.'} It goes on by itself at ${at}.`;
    case 'checking':
      return 'Arrived. Looking at what is in it…';
    case 'paused':
      return `Paused at ${at} of ${formatBytes(sizeBytes)}`;
    case 'unfinished':
      return acceptedBytes === 0
        ? `Choose the file again to send it · ${formatBytes(sizeBytes)}`
        : `Choose the file again to go on at ${at} of ${formatBytes(sizeBytes)}`;
    case 'removing':
      return 'Removing…';
    case 'failed':
      return problem?.title ?? 'Failed';
    case 'done':
      switch (asset?.state) {
        case 'ready':
          return 'Ready to watch';
        case 'processing':
          return 'Arrived. It plays as soon as it is prepared';
        case 'failed':
          return 'Kept, but it cannot be played';
        default:
          return 'Kept, but it needs encoding before it can be watched';
      }
  }
}

/** All files in a line: `2 of 5 done · 34 % of 1.2 GB · 12 MB/s · 1 min left`. */
export function summaryOf(uploads: readonly Upload[]): string {
  const done = uploads.filter(({ state }) => state === 'done').length;
  const failed = uploads.filter(({ state }) => state === 'failed').length;
  const open = uploads.filter(({ state }) => state !== 'failed' && state !== 'removing');
  const size = sum(open.map(({ sizeBytes }) => sizeBytes));
  const accepted = sum(open.map(({ acceptedBytes }) => acceptedBytes));
  const speed = sum(uploads.map(({ bytesPerSecond }) => bytesPerSecond));
  const left = sum(open.filter(isActive).map((upload) => upload.sizeBytes - upload.acceptedBytes));
  const counts = [`${done} of ${uploads.length} done`, ...(failed > 0 ? [`${failed} failed`] : [])].join(
    ', ',
  );
  return open.length === done
    ? counts
    : paceLine(
        `${counts} · ${percentOf(accepted, size)} % of ${formatBytes(size)}`,
        speed,
        speed > 0 ? left / speed : null,
      );
}

/**
 * What a screen reader is told. It changes when a file ends, and when another quarter of everything has arrived: a percentage
 * would talk without end.
 */
export function announcementOf(uploads: readonly Upload[]): string {
  const last = uploads.findLast(({ state }) => state === 'done' || state === 'failed');
  const stuck = uploads.find(({ state }) => state === 'retrying');
  const all = uploads.filter(({ state }) => state !== 'failed' && state !== 'removing');
  const accepted = sum(all.map(({ acceptedBytes }) => acceptedBytes));
  const size = sum(all.map(({ sizeBytes }) => sizeBytes));
  const quarters = all.some(isActive) && size > 0 ? Math.floor((4 * accepted) / size) : 0;
  return [
    ...(last === undefined
      ? []
      : [
          last.state === 'done'
            ? `${last.name}: uploaded.`
            : `${last.name}: failed. ${last.problem?.title ?? ''}`,
        ]),
    ...(stuck === undefined ? [] : [stuck.problem?.title ?? '']),
    ...(quarters > 0 ? [`Uploads: ${quarters * 25} %.`] : []),
  ].join(' ');
}

function paceLine(start: string, bytesPerSecond: number, secondsLeft: number | null): string {
  return [
    start,
    ...(bytesPerSecond > 0 ? [formatRate(bytesPerSecond)] : []),
    ...(secondsLeft === null ? [] : [`${formatSpan(Math.ceil(secondsLeft) * 1000)} left`]),
  ].join(' · ');
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
