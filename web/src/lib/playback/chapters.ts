import type { Chapter } from '../api';

/** What to call it: its own name, or its number. */
export function nameOf({ title }: Chapter, number: number): string {
  return title ?? `Chapter ${number + 1}`;
}

/** The number of the chapter of a moment, from 0; -1 before the first one. */
export function chapterAt(chapters: readonly Chapter[], seconds: number): number {
  return chapters.findLastIndex(({ startSeconds }) => startSeconds <= seconds);
}

/** The text of a WebVTT cue is markup. */
const plain = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** What a container counts more or less than its stream, in seconds. */
const asGoodAsTheEnd = 1;

/**
 * Where a chapter ends, in seconds. The last one goes to the end of the stream, which may be a little later than the file
 * says: else the line of time would have one more part there.
 */
export function endOf(chapters: readonly Chapter[], number: number, duration: number): number {
  const chapter = chapters[number];
  if (chapter === undefined) {
    return duration;
  }
  const end = Math.max(chapter.endSeconds, chapter.startSeconds);
  return number === chapters.length - 1 && Math.abs(duration - end) < asGoodAsTheEnd ? duration : end;
}

/** Has the controls of a player show chapters of a stream of `duration` seconds. Called again, they take the place of those before. */
export function offerChapters(video: HTMLVideoElement, chapters: readonly Chapter[], duration: number): void {
  const known = [...video.textTracks].find(({ kind }) => kind === 'chapters');
  if (known === undefined && chapters.length === 0) {
    return;
  }
  const track = known ?? video.addTextTrack('chapters', 'Chapters');
  // Without a mode it has no cues; the change of it is also what the controls listen to.
  track.mode = 'disabled';
  track.mode = 'hidden';
  for (const cue of [...(track.cues ?? [])]) {
    track.removeCue(cue);
  }
  chapters.forEach((chapter, number) => {
    const end = endOf(chapters, number, duration);
    track.addCue(new VTTCue(chapter.startSeconds, end, plain(nameOf(chapter, number))));
  });
}
