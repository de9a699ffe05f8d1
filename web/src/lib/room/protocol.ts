/** Messages of a room's WebSocket: docs/rooms.md. Times are milliseconds of the room's clock, positions seconds of the title. */

export const protocolVersion = 1;

/** At `at` the title was at `position`, and has moved since unless it is paused or held. */
export interface RoomState {
  revision: number;
  /** Somebody paused it. */
  paused: boolean;
  /** It stands until somebody has caught up. */
  held: boolean;
  position: number;
  rate: number;
  at: number;
}

export interface Member {
  id: number;
  name: string;
  ready: boolean;
  /** Its connection broke; it may come back. */
  away: boolean;
  waitedFor: boolean;
  /** Seconds that it is ahead of the room; null when it does not say. */
  drift: number | null;
}

export interface People {
  host: number | null;
  control: 'host' | 'everyone';
  members: Member[];
}

export interface ChatLine {
  number: number;
  from: number;
  name: string;
  text: string;
  at: number;
}

export interface Welcome {
  id: number;
  /** By this the server knows us when we come back. */
  resume: string;
  /** Whether the room has a position that all share. */
  synchronized: boolean;
  time: number;
  state: RoomState | null;
  people: People;
  chat: ChatLine[];
}

export type ServerMessage =
  | ({ type: 'welcome' } & Welcome)
  | ({ type: 'state' } & RoomState)
  | ({ type: 'people' } & People)
  | ({ type: 'chat' } & ChatLine)
  | { type: 'pong'; time: number; received: number; sent: number }
  | { type: 'error'; code: string; detail: string };

/** What a member asks the room for. */
export type Command =
  | { type: 'play' }
  | { type: 'pause' }
  | { type: 'seek'; position: number }
  | { type: 'rate'; rate: number }
  | { type: 'control'; control: 'host' | 'everyone' }
  | { type: 'host'; to: number }
  | { type: 'name'; name: string }
  | { type: 'chat'; text: string };

/** What it remembers of a room, for a server that began anew. */
export interface Memory {
  revision: number;
  paused: boolean;
  position: number;
  rate: number;
  hostOnly: boolean;
  wasHost: boolean;
}

export type ClientMessage =
  | Command
  | { type: 'hello'; version: number; name: string; resume: string | null; restore: Memory | null }
  | { type: 'ping'; time: number }
  | { type: 'status'; ready: boolean; drift: number | null }
  | { type: 'leave' };

/** Close codes of our own. */
export const closeCodes = { replaced: 4001, noAccess: 4002, full: 4003, version: 4004 } as const;

const types = new Set(['welcome', 'state', 'people', 'chat', 'pong', 'error']);

/** A message of the server; null for one that this page does not know. */
export function parseMessage(text: string): ServerMessage | null {
  const message = JSON.parse(text) as ServerMessage;
  return types.has(message.type) ? message : null;
}

/** Whether the title moves. */
export function isMoving(state: RoomState): boolean {
  return !state.paused && !state.held;
}

/** Where the title is at `now`. */
export function positionAt(state: RoomState, now: number): number {
  return isMoving(state)
    ? state.position + (Math.max(0, now - state.at) / 1000) * state.rate
    : state.position;
}

/** Whether a state has in it what was asked for. */
export function answers(state: RoomState, asked: Command): boolean {
  switch (asked.type) {
    case 'play':
      return !state.paused;
    case 'pause':
      return state.paused;
    case 'seek':
      return Math.abs(state.position - asked.position) < 1;
    case 'rate':
      return state.rate === asked.rate;
    default:
      return true;
  }
}
