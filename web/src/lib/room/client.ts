import { ClockSync } from './clockSync';
import {
  closeCodes,
  parseMessage,
  positionAt,
  protocolVersion,
  type ChatLine,
  type ClientMessage,
  type Command,
  type Memory,
  type People,
  type RoomState,
  type ServerMessage,
} from './protocol';

/** What a client needs of a WebSocket. */
export interface Socket {
  onopen: (() => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: ((event: { code: number }) => void) | null;
  send(text: string): void;
  close(): void;
}

/**
 *     connecting ─→ open ─→ waiting ─→ connecting …      the connection broke
 *                        └→ ended                        for a reason that coming again does not mend
 */
export type Phase = 'connecting' | 'open' | 'waiting' | 'ended';

/** Why it ended. */
export type EndReason = 'replaced' | 'refused' | 'full' | 'outdated' | 'left';

export interface ClientEvents {
  onPhase(phase: Phase, reason: EndReason | null): void;
  /** Null before the first welcome, and for what is live. */
  onState(state: RoomState | null): void;
  onPeople(people: People, ownId: number): void;
  /** All lines at a welcome, then each as it comes. */
  onChat(lines: ChatLine[], all: boolean): void;
  onError(code: string, detail: string): void;
}

export interface ClientOptions {
  connect(): Socket;
  /** Whether the server would let us in: asked when a connection was refused, of which a browser tells nothing. */
  isRefused(): Promise<boolean>;
  name(): string;
  /** The secret of an earlier visit of this page. */
  resume: { get(): string | null; set(secret: string | null): void };
  /** What this page would bring into a room that is new; null for nothing. */
  own(): { paused: boolean; position: number; rate: number } | null;
  /** Our own steady time in milliseconds. */
  now(): number;
  random(): number;
}

const firstPings = 5;
const firstPingMs = 200;
const pingMs = 10_000;
const firstRetryMs = 500;
const longestRetryMs = 15_000;

/** One page's place in a room, through breaks of the connection and restarts of the server. */
export class RoomClient {
  readonly clock = new ClockSync();
  #socket: Socket | null = null;
  #timers = new Set<ReturnType<typeof setTimeout>>();
  #retries = 0;
  #state: RoomState | null = null;
  #people: People | null = null;
  #id = 0;
  #phase: Phase = 'waiting';

  constructor(
    private readonly options: ClientOptions,
    private readonly events: ClientEvents,
  ) {}

  get phase(): Phase {
    return this.#phase;
  }

  /** The room's time now, in milliseconds. */
  roomTime(): number {
    return this.clock.roomTime(this.options.now());
  }

  /** Goes into the room, or tries again at once. */
  open(): void {
    if (this.#phase === 'open' || this.#phase === 'connecting') {
      return;
    }
    this.#clearTimers();
    this.#setPhase('connecting');
    const socket = this.options.connect();
    this.#socket = socket;
    let opened = false;
    socket.onopen = () => {
      opened = true;
      this.#send(this.#hello());
    };
    socket.onmessage = ({ data }) => {
      if (this.#socket === socket && typeof data === 'string') {
        const message = parseMessage(data);
        if (message !== null) {
          this.#take(message);
        }
      }
    };
    socket.onclose = ({ code }) => {
      if (this.#socket === socket) {
        this.#closed(code, opened);
      }
    };
  }

  /** Leaves for good. */
  close(): void {
    if (this.#phase === 'open') {
      this.#send({ type: 'leave' });
    }
    this.options.resume.set(null);
    this.#end('left');
  }

  /** Asks for something; false when there is nobody to ask. */
  send(command: Command | { type: 'status'; ready: boolean; drift: number | null }): boolean {
    return this.#phase === 'open' && this.#send(command);
  }

  #send(message: ClientMessage): boolean {
    this.#socket?.send(JSON.stringify(message));
    return this.#socket !== null;
  }

  #hello(): ClientMessage {
    return {
      type: 'hello',
      version: protocolVersion,
      name: this.options.name(),
      resume: this.options.resume.get(),
      restore: this.#memory(),
    };
  }

  /** What the room was like, or how this page plays: as old as can be, so that every real memory counts more. */
  #memory(): Memory | null {
    const state = this.#state;
    if (state === null) {
      const own = this.options.own();
      return own === null ? null : { revision: 1, ...own, hostOnly: false, wasHost: false };
    }
    return {
      revision: state.revision,
      paused: state.paused,
      position: positionAt(state, this.roomTime()),
      rate: state.rate,
      hostOnly: this.#people?.control === 'host',
      wasHost: this.#people?.host === this.#id,
    };
  }

  #take(message: ServerMessage): void {
    switch (message.type) {
      case 'welcome':
        this.#id = message.id;
        this.#retries = 0;
        this.options.resume.set(message.resume);
        this.clock.reset(message.time, this.options.now());
        this.#setPhase('open');
        // The people first: who may control the room is known when there is something to control.
        this.#setPeople(message.people);
        this.#setState(message.state);
        this.events.onChat(message.chat, true);
        this.#ping(firstPings);
        break;
      case 'state':
        this.#setState(message);
        break;
      case 'people':
        this.#setPeople(message);
        break;
      case 'chat':
        this.events.onChat([message], false);
        break;
      case 'pong':
        this.clock.add(message.time, message.received, message.sent, this.options.now());
        break;
      case 'error':
        this.events.onError(message.code, message.detail);
        break;
    }
  }

  #setState(state: RoomState | null): void {
    this.#state = state;
    this.events.onState(state);
  }

  #setPeople(people: People): void {
    this.#people = people;
    this.events.onPeople(people, this.#id);
  }

  #ping(soon: number): void {
    this.#send({ type: 'ping', time: this.options.now() });
    this.#later(soon > 0 ? firstPingMs : pingMs, () => this.#ping(soon - 1));
  }

  #closed(code: number, opened: boolean): void {
    this.#socket = null;
    this.#clearTimers();
    const state = this.#state;
    if (state?.held === true) {
      // Whom it waited for will not be told of: it goes on.
      this.#setState({ ...state, held: false, at: this.roomTime() });
    }
    switch (code) {
      case closeCodes.replaced:
        this.options.resume.set(null);
        this.#end('replaced');
        return;
      case closeCodes.full:
        this.#end('full');
        return;
      case closeCodes.version:
        this.#end('outdated');
        return;
    }
    this.#setPhase('waiting');
    this.#retry();
    if (!opened || code === closeCodes.noAccess) {
      void this.#askWhy();
    }
  }

  async #askWhy(): Promise<void> {
    if ((await this.options.isRefused()) && this.#phase !== 'open') {
      this.#end('refused');
    }
  }

  #retry(): void {
    const pause = Math.min(firstRetryMs * 2 ** this.#retries, longestRetryMs);
    this.#retries += 1;
    // Not all pages at once.
    this.#later(pause * (0.8 + 0.4 * this.options.random()), () => this.open());
  }

  #end(reason: EndReason): void {
    const socket = this.#socket;
    this.#socket = null;
    this.#clearTimers();
    socket?.close();
    this.#setPhase('ended', reason);
  }

  #setPhase(phase: Phase, reason: EndReason | null = null): void {
    this.#phase = phase;
    this.events.onPhase(phase, reason);
  }

  #later(ms: number, act: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      act();
    }, ms);
    this.#timers.add(timer);
  }

  #clearTimers(): void {
    this.#timers.forEach((timer) => clearTimeout(timer));
    this.#timers.clear();
  }
}
