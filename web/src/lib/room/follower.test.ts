import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { MediaFollower } from './follower';
import type { Command, RoomState } from './protocol';
import { SimulatedMedia } from './simulatedMedia';

const start = 1_000_000;
let media: SimulatedMedia;
let follower: MediaFollower;
let commands: Command[];
let takes: boolean;
let blocked: boolean;

const now = (): number => Date.now();
const playing = (position: number, more: Partial<RoomState> = {}): RoomState => ({
  revision: 1,
  paused: false,
  held: false,
  position,
  rate: 1,
  at: now(),
  ...more,
});

/** Lets time pass with a look every `everyMs`; answers the largest drift of the last `lastSeconds`. */
async function watch(seconds: number, everyMs = 250, lastSeconds = seconds): Promise<number> {
  const end = now() + seconds * 1000;
  let worst = 0;
  while (now() < end) {
    await vi.advanceTimersByTimeAsync(everyMs);
    follower.tick();
    if (now() > end - lastSeconds * 1000) {
      worst = Math.max(worst, Math.abs(follower.driftSeconds ?? 0));
    }
  }
  return worst;
}

beforeEach(() => {
  vi.useFakeTimers({ now: start });
  media = new SimulatedMedia(now);
  commands = [];
  takes = true;
  blocked = false;
  follower = new MediaFollower(
    media,
    now,
    {
      onCommand: (command) => {
        commands.push(command);
        return takes;
      },
      onBlocked: (is) => {
        blocked = is;
      },
    },
    now,
  );
});

afterEach(() => {
  follower.close();
  vi.useRealTimers();
});

describe('a follower', () => {
  it('brings along what began to play while there was nobody to tell', async () => {
    void media.play();
    await watch(0.5);
    follower.follow(playing(0, { revision: 0, paused: true }));
    await watch(1);
    expect(commands).toEqual([{ type: 'play' }]);
    expect(media.paused).toBe(false);
    follower.follow(playing(1, { revision: 1 }));
    await watch(1);
    expect(commands).toHaveLength(1);
  });

  it('takes a click on play although a look comes before the word of it', async () => {
    follower.follow(playing(0, { revision: 3, paused: true }));
    void media.play();
    follower.tick();
    await watch(0.5);
    expect(commands).toEqual([{ type: 'play' }]);
    follower.follow(playing(0, { revision: 4 }));
    await watch(1);
    expect([commands.length, media.paused]).toEqual([1, false]);
    media.pause();
    await watch(0.5);
    expect(commands.at(-1)).toEqual({ type: 'pause' });
  });

  it.each([
    ['somebody paused', { revision: 4 }, true],
    ['nobody was asked to begin', { revision: 0 }, false],
  ])('stands with a room that stands because %s', async (_, more, plays) => {
    if (plays) {
      void media.play();
      await watch(0.5);
    }
    follower.follow(playing(0, { paused: true, ...more }));
    await watch(1);
    expect([commands, media.paused]).toEqual([[], true]);
  });

  it('plays where the room plays, and causes no commands by it', async () => {
    follower.follow(playing(100));
    await watch(2);
    expect(media.paused).toBe(false);
    expect(media.currentTime).toBeCloseTo(102, 1);
    follower.follow(playing(102, { paused: true }));
    await watch(1);
    expect(media.paused).toBe(true);
    expect(media.currentTime).toBeCloseTo(102, 1);
    follower.follow(playing(500, { rate: 2 }));
    await watch(2);
    expect(media.currentTime).toBeCloseTo(504, 1);
    expect(media.playbackRate).toBe(2);
    expect(commands).toEqual([]);
  });

  it.each([1.5, -1.5, 0.3, -0.1])('comes from %f s off to within 50 ms by speed alone', async (drift) => {
    media.currentTime = 100 + drift;
    await media.play();
    const seeks = media.seeks;
    follower.follow(playing(100));
    let fastest = 1;
    let slowest = 1;
    for (let i = 0; i < 160; i += 1) {
      await watch(0.25);
      fastest = Math.max(fastest, media.playbackRate);
      slowest = Math.min(slowest, media.playbackRate);
    }
    expect(await watch(20)).toBeLessThanOrEqual(0.05);
    expect(media.seeks).toBe(seeks);
    expect(fastest).toBeLessThanOrEqual(1.05);
    expect(slowest).toBeGreaterThanOrEqual(0.95);
  });

  it('never swings to the other side by more than it may be off', async () => {
    media.currentTime = 101.5;
    await media.play();
    follower.follow(playing(100));
    let least = 1;
    for (let i = 0; i < 240; i += 1) {
      await watch(0.25);
      least = Math.min(least, follower.driftSeconds ?? 0);
    }
    expect(least).toBeGreaterThan(-0.02);
  });

  it.each([1000, 5000, 60_000])(
    'swings neither in a throttled tab that looks every %i ms',
    async (everyMs) => {
      media.currentTime = 101.5;
      await media.play();
      follower.follow(playing(100));
      const seeks = media.seeks;
      await watch((40 * everyMs) / 1000, everyMs);
      expect(await watch((10 * everyMs) / 1000, everyMs)).toBeLessThanOrEqual(0.05);
      expect(media.seeks).toBe(seeks);
    },
  );

  it('seeks when it is further off than two seconds, and not again and again where that does not help', async () => {
    media.currentTime = 90;
    await media.play();
    follower.follow(playing(100));
    await watch(1);
    expect(media.currentTime).toBeCloseTo(101, 1);

    media.latency = 3; // Whenever it arrives, the room is gone.
    const before = media.seeks;
    follower.follow(playing(200));
    await watch(60);
    expect(media.seeks - before).toBeLessThan(8);
  });

  it('makes up at once for the time that it takes to begin, and sooner the next time', async () => {
    media.latency = 0.6;
    follower.follow(playing(0));
    await watch(5);
    expect(await watch(10)).toBeLessThanOrEqual(0.05);
    expect(media.seeks).toBe(2);

    follower.follow(playing(15, { paused: true }));
    await watch(1);
    const seeks = media.seeks;
    follower.follow(playing(15));
    await watch(3);
    expect(await watch(10)).toBeLessThanOrEqual(0.05);
    expect(media.seeks - seeks).toBe(1);
    expect(commands).toEqual([]);
  });

  it('is put right at once after a stall', async () => {
    follower.follow(playing(0));
    await watch(5);
    media.readyState = 2;
    media.stalled = true;
    await watch(1.5);
    media.readyState = 4;
    media.stalled = false;
    await watch(1);
    expect(await watch(5)).toBeLessThanOrEqual(0.05);
  });

  it('stands on the same picture while the room waits for somebody', async () => {
    follower.follow(playing(10));
    await watch(1);
    follower.follow(playing(10.7, { held: true }));
    await watch(1);
    expect(media.paused).toBe(true);
    expect(media.currentTime).toBeCloseTo(10.7, 2);
    expect(commands).toEqual([]);
  });

  it('stops at the end of the title', async () => {
    media.duration = 60;
    follower.follow(playing(59));
    await watch(5);
    expect(media.currentTime).toBe(60);
    expect(media.paused).toBe(true);
    expect(commands).toEqual([]);
  });

  it('sees the last pictures although the room is through first', async () => {
    media.duration = 60;
    media.currentTime = 58.97;
    await media.play();
    follower.follow(playing(59));
    await vi.advanceTimersByTimeAsync(1010);
    follower.tick();
    expect([media.ended, media.paused]).toEqual([false, false]);
    await watch(0.5);
    expect([media.ended, media.paused]).toEqual([true, true]);
    expect(commands).toEqual([]);
  });
});

describe('the viewer', () => {
  it('goes where it was sent although the room first hears that it plays', async () => {
    follower.follow(playing(0, { revision: 0, paused: true }));
    await watch(1);
    media.currentTime = 300;
    void media.play();
    await watch(0.1, 50);
    follower.follow(playing(0, { revision: 1 }));
    await watch(0.5, 50);
    expect(commands).toMatchObject([{ type: 'play' }, { type: 'seek' }]);
    expect((commands[1] as { position: number }).position).toBeGreaterThan(299);
  });

  it('begins where it was sent before the player knew its title', async () => {
    media.readyState = 0;
    follower.follow(playing(0, { revision: 0, paused: true }));
    await watch(1);
    media.currentTime = 300;
    void media.play();
    await watch(0.1, 50);
    expect(commands).toEqual([{ type: 'seek', position: 300 }, { type: 'play' }]);
    follower.follow(playing(300, { revision: 2 }));
    media.load();
    await watch(1);
    expect(media.currentTime).toBeGreaterThan(300);
    expect(commands).toHaveLength(2);
  });

  it('may seek before anything is there to play, in a room where nobody has done anything', async () => {
    media.readyState = 1;
    follower.follow(playing(0, { revision: 0, paused: true }));
    await watch(1);
    media.currentTime = 300;
    await watch(0.5);
    expect(commands).toEqual([{ type: 'seek', position: 300 }]);
  });

  it('may seek as soon as a picture is there, although it could not go on from it yet', async () => {
    Object.defineProperty(media, 'buffered', { get: () => ({ length: 1, start: () => 0, end: () => 1 }) });
    media.empty();
    follower.follow(playing(0, { paused: true }));
    media.load();
    await watch(0.25, 50);
    expect(follower.ready).toBe(false);
    media.currentTime = 300;
    await watch(0.5);
    expect(commands).toEqual([{ type: 'seek', position: 300 }]);
  });

  it('is not followed to where its player looks for its beginning', async () => {
    media.empty();
    media.readyState = 1;
    follower.follow(playing(100, { revision: 2, paused: true }));
    await watch(1);
    media.currentTime = 0;
    await watch(0.5);
    expect([commands, media.currentTime]).toEqual([[], 100]);
  });

  it('pauses, plays, seeks and changes the speed for all', async () => {
    follower.follow(playing(10));
    await watch(1);
    media.pause();
    await watch(0.25);
    expect(media.paused).toBe(true);
    follower.follow(playing(11, { paused: true }));
    await watch(1);
    void media.play();
    await watch(0.25);
    follower.follow(playing(11));
    await watch(1);
    media.currentTime = 300;
    await watch(0.1, 50);
    media.currentTime = 400;
    await watch(0.5);
    expect(media.currentTime).toBeGreaterThan(399);
    follower.follow(playing(400));
    await watch(1);
    media.playbackRate = 1.5;
    await watch(0.25);
    expect(commands.map(({ type }) => type)).toEqual(['pause', 'play', 'seek', 'rate']);
    expect(commands[2]).toMatchObject({ type: 'seek' });
    expect((commands[2] as { position: number }).position).toBeCloseTo(400, 0);
    expect(commands[3]).toEqual({ type: 'rate', rate: 1.5 });
  });

  it('is put back where the room is when it does not take the command', async () => {
    follower.follow(playing(10));
    await watch(1);
    takes = false;
    media.pause();
    await watch(0.5);
    expect(media.paused).toBe(false);
    media.currentTime = 300;
    await watch(1);
    expect(media.currentTime).toBeLessThan(20);
    expect(commands.map(({ type }) => type)).toEqual(['pause', 'seek']);
  });

  it('stays where the viewer went although the answer to the play comes after that', async () => {
    follower.follow(playing(0, { revision: 0, paused: true }));
    await watch(1);
    media.currentTime = 32;
    void media.play();
    await watch(0.5);
    expect(commands).toEqual([{ type: 'play' }, { type: 'seek', position: expect.closeTo(32, 0) as number }]);
    follower.follow(playing(0, { revision: 1 }));
    await watch(0.5);
    follower.follow(playing(32.3, { revision: 2 }));
    await watch(1);
    expect(media.currentTime).toBeGreaterThan(32.5);
    expect(media.seeks).toBe(1);
  });

  it('is put back when the room does not answer', async () => {
    follower.follow(playing(10));
    await watch(1);
    media.pause();
    await watch(1);
    expect(media.paused).toBe(true);
    await watch(2);
    expect(media.paused).toBe(false);
  });

  it('has to click first where the browser wants that', async () => {
    media.refusal = new DOMException('no', 'NotAllowedError');
    follower.follow(playing(10));
    await watch(1);
    expect(blocked).toBe(true);
    expect(follower.ready).toBe(false);
    media.refusal = null;
    follower.unblock();
    await watch(1);
    expect(blocked).toBe(false);
    expect(media.paused).toBe(false);
    expect(follower.ready).toBe(true);
  });

  it('is not the player that begins anew', async () => {
    follower.follow(playing(10, { rate: 1.5 }));
    await watch(1);
    media.empty();
    media.pause();
    media.playbackRate = 1;
    media.currentTime = 0;
    await watch(1);
    media.readyState = 4;
    await watch(2);
    expect(commands).toEqual([]);
    expect(media.playbackRate).toBeCloseTo(1.5, 1);
    expect(media.paused).toBe(false);
  });
});

describe('readiness', () => {
  it('ends with a stall and comes back when enough is there', async () => {
    let end = 100;
    Object.defineProperty(media, 'buffered', { get: () => ({ length: 1, start: () => 0, end: () => end }) });
    follower.follow(playing(10));
    await watch(1);
    expect(follower.ready).toBe(true);
    media.readyState = 2;
    media.stalled = true;
    end = media.currentTime;
    await watch(0.5);
    expect(follower.ready).toBe(false);
    media.readyState = 3;
    end = media.currentTime + 0.5;
    follower.tick();
    expect(follower.ready).toBe(false);
    end = media.currentTime + 2.1;
    follower.tick();
    expect(follower.ready).toBe(true);
  });
});
