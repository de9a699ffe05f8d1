const sizeUnits = ['B', 'KB', 'MB', 'GB', 'TB'] as const;

/** Bytes in decimal units, at most three significant digits: `1.5 GB`. */
export function formatBytes(bytes: number): string {
  let value = Math.max(0, bytes);
  let unit = 0;
  // 999.5 and above would be rounded to "1000".
  while (value >= 999.5 && unit < sizeUnits.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit === 0 || value >= 99.95 ? Math.round(value) : trimmed(value, value >= 9.995 ? 1 : 2)} ${sizeUnits[unit]}`;
}

/** Bytes a second: `1.2 MB/s`. */
export function formatRate(bytesPerSecond: number): string {
  return `${formatBytes(bytesPerSecond)}/s`;
}

/** Seconds as a clock: `0:07`, `12:34`, `1:02:03`. */
export function formatClock(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const two = (value: number): string => String(value).padStart(2, '0');
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor(whole / 60) % 60;
  return hours > 0 ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}

/** A length of time in its largest unit: `14 s`, `3 min`, `5 h`, `2 days`. */
export function formatSpan(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  if (seconds < 60) {
    return `${seconds} s`;
  }
  if (seconds < 3600) {
    return `${Math.floor(seconds / 60)} min`;
  }
  if (seconds < 86_400) {
    return `${Math.floor(seconds / 3600)} h`;
  }
  const days = Math.floor(seconds / 86_400);
  return days === 1 ? '1 day' : `${days} days`;
}

/** How long ago, for a list: `just now`, `3 min ago`, and the plain date after a month. */
export function formatAgo(then: Date, nowMs: number): string {
  const age = nowMs - then.getTime();
  if (age < 10_000) {
    return 'just now';
  }
  return age < 30 * 86_400_000
    ? `${formatSpan(age)} ago`
    : then.toLocaleDateString(undefined, { dateStyle: 'medium' });
}

/** `expires in 3 h`, or `expired 14 s ago` once it has. */
export function formatExpiry(expiresAt: Date, nowMs: number): string {
  const left = expiresAt.getTime() - nowMs;
  return left > 0 ? `expires in ${formatSpan(left)}` : `expired ${formatSpan(-left)} ago`;
}

/** Bits per second: `640 kb/s`, `4.5 Mb/s`. */
export function formatBitrate(bitsPerSecond: number): string {
  return bitsPerSecond >= 999_500
    ? `${trimmed(bitsPerSecond / 1_000_000, 1)} Mb/s`
    : `${Math.round(bitsPerSecond / 1000)} kb/s`;
}

/** A language tag in the reader's words; the tag itself when the browser does not know it. */
export function languageName(tag: string): string {
  if (tag === '' || tag === 'und') {
    return '';
  }
  try {
    return new Intl.DisplayNames(undefined, { type: 'language' }).of(tag) ?? tag;
  } catch (error) {
    // RangeError: the file's tag is not a language tag at all, so it is shown as it is.
    if (error instanceof RangeError) {
      return tag;
    }
    throw error;
  }
}

function trimmed(value: number, digits: number): string {
  return String(Number(value.toFixed(digits)));
}
