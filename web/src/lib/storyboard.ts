/** A small picture of a title: where on which sheet. Times are seconds, the rest pixels. */
export interface Frame {
  start: number;
  end: number;
  sheet: string;
  x: number;
  y: number;
  width: number;
  height: number;
}

const cueLine = /^(?:(\d+):)?(\d\d):(\d\d\.\d+)\s+-->\s+(?:(\d+):)?(\d\d):(\d\d\.\d+)/;
const pictureLine = /^(\S+)#xywh=(\d+),(\d+),(\d+),(\d+)$/;

/** Reads a WebVTT file of pictures; lines that are none are left out. `base` is where the file was. */
export function readStoryboard(text: string, base: string): Frame[] {
  const lines = text.split(/\r?\n/);
  return lines.flatMap((line, number) => {
    const time = cueLine.exec(line);
    const picture = pictureLine.exec(lines[number + 1] ?? '');
    if (time === null || picture === null) {
      return [];
    }
    const [x = 0, y = 0, width = 0, height = 0] = picture.slice(2).map(Number);
    return [
      {
        start: seconds(time.slice(1, 4)),
        end: seconds(time.slice(4, 7)),
        sheet: new URL(picture[1] ?? '', base).href,
        x,
        y,
        width,
        height,
      },
    ];
  });
}

/** The picture of a moment; the last one behind the end. */
export function frameAt(frames: readonly Frame[], at: number): Frame | undefined {
  return frames.find(({ end }) => at < end) ?? frames.at(-1);
}

function seconds([hours, minutes, rest]: (string | undefined)[]): number {
  return Number(hours ?? 0) * 3600 + Number(minutes) * 60 + Number(rest);
}
