import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { RoomClient, type EndReason, type Phase, type Socket } from './client';
import type { ChatLine, People, RoomState } from './protocol';

class FakeSocket implements Socket {
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;
  sent: Record<string, unknown>[] = [];
  closed = false;

  send(text: string): void {
    this.sent.push(JSON.parse(text) as Record<string, unknown>);
  }

  close(): void {
    this.closed = true;
  }

  say(message: unknown): void {
    this.onmessage?.({ data: JSON.stringify(message) });
  }
}

const people: People = {
  host: 1,
  control: 'everyone',
  members: [{ id: 1, name: 'Ann', ready: true, away: false, waitedFor: false, drift: null }],
};
const playing: RoomState = { revision: 5, paused: false, held: false, position: 10, rate: 1, at: 0 };

let sockets: FakeSocket[];
let phases: [Phase, EndReason | null][];
let states: (RoomState | null)[];
let lines: ChatLine[];
let refused: boolean;
let resume: string | null;
let own: { paused: boolean; position: number; rate: number } | null;
let client: RoomClient;

const last = (): FakeSocket => sockets[sockets.length - 1] as FakeSocket;

function welcome(state: RoomState | null = playing): void {
  last().onopen?.();
  last().say({
    type: 'welcome',
    version: 1,
    id: 1,
    resume: 'secret',
    kind: 'asset',
    synchronized: true,
    time: Date.now(),
    state,
    people,
    chat: [],
  });
}

beforeEach(() => {
  vi.useFakeTimers({ now: 0 });
  sockets = [];
  phases = [];
  states = [];
  lines = [];
  refused = false;
  resume = null;
  own = null;
  client = new RoomClient(
    {
      connect: () => {
        const socket = new FakeSocket();
        sockets.push(socket);
        return socket;
      },
      isRefused: () => Promise.resolve(refused),
      name: () => 'Ann',
      resume: {
        get: () => resume,
        set: (secret) => {
          resume = secret;
        },
      },
      own: () => own,
      now: () => Date.now(),
      random: () => 0.5,
    },
    {
      onPhase: (phase, reason) => phases.push([phase, reason]),
      onState: (state) => states.push(state),
      onPeople: () => undefined,
      onChat: (more, all) => {
        lines = [...(all ? [] : lines), ...more];
      },
      onError: () => undefined,
    },
  );
});

afterEach(() => {
  client.close();
  vi.useRealTimers();
});

describe('RoomClient', () => {
  it('says hello, is let in, and asks for the time five times soon and then seldom', async () => {
    client.open();
    welcome();
    expect(last().sent[0]).toEqual({ type: 'hello', version: 1, name: 'Ann', resume: null, restore: null });
    expect(client.phase).toBe('open');
    await vi.advanceTimersByTimeAsync(1500);
    expect(last().sent.filter(({ type }) => type === 'ping')).toHaveLength(6);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(last().sent.filter(({ type }) => type === 'ping')).toHaveLength(7);
  });

  it('knows the room’s time by its pongs', () => {
    client.open();
    welcome();
    last().say({ type: 'pong', time: Date.now(), received: 5_000_000, sent: 5_000_000 });
    expect(client.roomTime()).toBe(5_000_000);
  });

  it('comes back as the same member, with what it remembers, and later each time', async () => {
    client.open();
    welcome();
    await vi.advanceTimersByTimeAsync(20_000);
    last().onclose?.({ code: 1006 });
    expect(client.phase).toBe('waiting');
    const waits: number[] = [];
    for (let tries = 0; tries < 7; tries += 1) {
      const before = Date.now();
      const count = sockets.length;
      while (sockets.length === count) {
        await vi.advanceTimersByTimeAsync(100);
      }
      waits.push(Date.now() - before);
      last().onclose?.({ code: 1006 });
    }
    expect(waits).toEqual([500, 1000, 2000, 4000, 8000, 15_000, 15_000]);
    await vi.advanceTimersByTimeAsync(15_000);
    last().onopen?.();
    const hello = last().sent[0] as { resume: string; restore: { revision: number; position: number } };
    expect(hello.resume).toBe('secret');
    expect(hello.restore).toMatchObject({
      revision: 5,
      paused: false,
      rate: 1,
      hostOnly: false,
      wasHost: true,
    });
    expect(hello.restore.position).toBeCloseTo(10 + Date.now() / 1000, 3);
  });

  it('is quick again after it was let in', async () => {
    client.open();
    welcome();
    for (let restarts = 0; restarts < 3; restarts += 1) {
      last().onclose?.({ code: 1001 });
      await vi.advanceTimersByTimeAsync(500);
      welcome();
      expect(client.phase).toBe('open');
    }
    expect(sockets).toHaveLength(4);
  });

  it('does not stand while it is alone because the room waited for somebody', () => {
    client.open();
    welcome({ ...playing, held: true });
    last().onclose?.({ code: 1006 });
    expect(states[states.length - 1]).toMatchObject({ held: false, paused: false });
  });

  it('brings how it plays into a room that is new', () => {
    own = { paused: false, position: 77, rate: 1 };
    client.open();
    last().onopen?.();
    expect(last().sent[0]).toMatchObject({ restore: { revision: 1, paused: false, position: 77, rate: 1 } });
  });

  it.each([
    [4001, 'replaced'],
    [4003, 'full'],
    [4004, 'outdated'],
  ])('does not come back after %i', async (code, reason) => {
    client.open();
    welcome();
    last().onclose?.({ code });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(sockets).toHaveLength(1);
    expect(phases[phases.length - 1]).toEqual(['ended', reason]);
    expect(resume).toBe(code === 4001 ? null : 'secret');
  });

  it('asks why it is not let in, and stays away when its link is dead', async () => {
    client.open();
    last().onclose?.({ code: 1006 });
    await vi.advanceTimersByTimeAsync(500);
    expect(sockets).toHaveLength(2);
    refused = true;
    last().onclose?.({ code: 1006 });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(sockets).toHaveLength(2);
    expect(phases[phases.length - 1]).toEqual(['ended', 'refused']);
  });

  it('leaves for good', async () => {
    client.open();
    welcome();
    client.close();
    expect(last().sent.at(-1)).toEqual({ type: 'leave' });
    expect(last().closed).toBe(true);
    last().onclose?.({ code: 1000 });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(sockets).toHaveLength(1);
    expect(resume).toBeNull();
  });

  it('reads over messages that it does not know', () => {
    client.open();
    welcome();
    last().say({ type: 'fireworks' });
    last().say({ type: 'chat', number: 1, from: 1, name: 'Ann', text: 'hey', at: 0 });
    expect(lines.map(({ text }) => text)).toEqual(['hey']);
  });
});
