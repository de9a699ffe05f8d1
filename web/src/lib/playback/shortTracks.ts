/**
 * The description of a film in which every track lasts as long as the film: the last segment of one that ends earlier, a sound as a rule, is said to
 * reach to the end. dash.js asks for the segment that a position lies in; where a track has none, it stands for ever, or goes back step by step.
 * The media are what they are: behind the last sound there is silence. For what our own server writes, of which it knows the form.
 */
export function withFullTracks(mpd: string): string {
  const seconds = /<Period\b[^>]*\bduration="PT([\d.]+)S"/.exec(mpd)?.[1];
  return seconds === undefined
    ? mpd
    : mpd.replace(
        /(<SegmentTemplate\b([^>]*)>\s*<SegmentTimeline>)([^]*?)(<\/SegmentTimeline>)/g,
        (_, head: string, attributes: string, lines: string, tail: string) =>
          `${head}${reaching(endOf(attributes, Number(seconds)), lines)}${tail}`,
      );
}

/** Where the film ends, in ticks of the track. */
function endOf(attributes: string, seconds: number): number {
  return (
    Math.round(seconds * (numberIn(attributes, 'timescale') ?? 1)) +
    (numberIn(attributes, 'presentationTimeOffset') ?? 0)
  );
}

/** The lines of a timeline, the last of which reaches to a time. */
function reaching(end: number, lines: string): string {
  const all = [...lines.matchAll(/<S\b[^>]*\/>/g)].map(([line]) => line);
  const last = all.at(-1);
  if (last === undefined) {
    return lines;
  }
  let at = 0;
  for (const line of all) {
    at = (numberIn(line, 't') ?? at) + (numberIn(line, 'd') ?? 0) * (1 + (numberIn(line, 'r') ?? 0));
  }
  if (at >= end) {
    return lines;
  }
  const repeats = numberIn(last, 'r') ?? 0;
  const before = repeats === 0 ? '' : last.replace(/\br="\d+"/, `r="${repeats - 1}"`);
  const stretched = `<S ${repeats === 0 ? timeOf(last) : ''}d="${(numberIn(last, 'd') ?? 0) + end - at}"/>`;
  return `${lines.slice(0, lines.lastIndexOf(last))}${before}${stretched}${lines.slice(lines.lastIndexOf(last) + last.length)}`;
}

function timeOf(line: string): string {
  const time = numberIn(line, 't');
  return time === undefined ? '' : `t="${time}" `;
}

function numberIn(text: string, name: string): number | undefined {
  const value = new RegExp(`\\b${name}="(\\d+)"`).exec(text)?.[1];
  return value === undefined ? undefined : Number(value);
}
