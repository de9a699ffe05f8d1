import type { MediaPlayerClass } from 'dashjs';

/** What is used of dash.js' own; its types misspell some of it. */
interface StreamProcessor {
  getType(): string;
  getBufferController(): {
    /** Seconds to which all is loaded from there on; NaN when nothing is. */
    getContinuousBufferTimeForTargetTime(time: number): number;
    setIsBufferingCompleted(value: boolean): void;
  };
  getScheduleController(): { startScheduleTimer(milliseconds: number): void };
  setExplicitBufferingTime(time: number): void;
}

/**
 * After a seek to what is loaded, dash.js goes on loading where it had been. When something is missing between the two, it stays so: playback
 * jumps over it, or waits in front of it for ever. This has it load from the end of what is loaded there instead.
 */
export function fillHoles(player: MediaPlayerClass, video: HTMLVideoElement): void {
  player.on('playbackSeeking', ({ seekTime }) => {
    if (seekTime !== null && hasMoreBehind(video.buffered, seekTime)) {
      const processors = player.getActiveStream()?.getStreamProcessors() as StreamProcessor[] | undefined;
      processors?.forEach((processor) => loadOn(processor, seekTime));
    }
  });
}

/** A later stretch is loaded, with a hole before it. */
function hasMoreBehind(buffered: TimeRanges, time: number): boolean {
  return buffered.length > 0 && buffered.start(buffered.length - 1) > time;
}

function loadOn(processor: StreamProcessor, time: number): void {
  const type = processor.getType();
  if (type !== 'audio' && type !== 'video') {
    return;
  }
  const buffer = processor.getBufferController();
  const end = buffer.getContinuousBufferTimeForTargetTime(time);
  if (Number.isNaN(end)) {
    return; // Nothing is loaded there: dash.js begins there by itself.
  }
  buffer.setIsBufferingCompleted(false);
  processor.setExplicitBufferingTime(end);
  processor.getScheduleController().startScheduleTimer(0);
}
