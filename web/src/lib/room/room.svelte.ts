import { roomUrl, type Subject } from './address';
import { RoomClient, type EndReason, type Phase, type Socket } from './client';
import { MediaFollower } from './follower';
import type { ChatLine, Command, Member, People, RoomState } from './protocol';

/** Four looks a second: an error of 5 % grows by no more than 13 ms between two. */
const tickMs = 250;
/** The others see how we are doing. */
const statusMs = 5000;
/** A seek within what is loaded is no stall. */
const stallMs = 300;
const linesShown = 200;
const nameKey = 'sluice.name';

/** A room as a page shows it. */
export class RoomView {
  phase: Phase = $state('waiting');
  ended: EndReason | null = $state(null);
  state: RoomState | null = $state.raw(null);
  people: People | null = $state.raw(null);
  ownId = $state(0);
  chat: ChatLine[] = $state.raw([]);
  /** What the room said no to last; empty for nothing. */
  problem = $state('');
  /** The browser wants a click before it plays along. */
  blocked = $state(false);
  name = $state(storedName());

  readonly me: Member | null = $derived(this.people?.members.find(({ id }) => id === this.ownId) ?? null);
  readonly isHost = $derived(this.people !== null && this.people.host === this.ownId);
  readonly mayControl = $derived(this.isHost || this.people?.control === 'everyone');
  readonly waitedFor = $derived(this.people?.members.filter(({ waitedFor }) => waitedFor) ?? []);

  readonly #client: RoomClient;
  // Nothing shows them, so they need not be reactive.
  #followers: MediaFollower[] = [];
  #told = { ready: false, atMs: 0 };
  #unreadySinceMs: number | null = null;
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(subject: Subject, token: string | null) {
    const url = roomUrl(subject, token, location.origin);
    const resumeKey = `sluice.room.${subject.kind}.${subject.id}`;
    this.#client = new RoomClient(
      {
        connect: () => new WebSocket(url) as Socket,
        isRefused: async () => {
          try {
            return [401, 403, 404].includes(
              (await fetch(url.replace(/^ws/, 'http'), { cache: 'no-store' })).status,
            );
          } catch {
            return false; // Not there at all.
          }
        },
        name: () => this.name,
        resume: {
          get: () => sessionStorage.getItem(resumeKey),
          set: (secret) =>
            secret === null
              ? sessionStorage.removeItem(resumeKey)
              : sessionStorage.setItem(resumeKey, secret),
        },
        own: () => this.#own(),
        now: () => performance.now(),
        random: () => Math.random(),
      },
      {
        onPhase: (phase, reason) => {
          this.phase = phase;
          this.ended = reason;
          this.#told = { ready: false, atMs: 0 };
          if (phase === 'ended') {
            this.#follow(null);
          }
        },
        onState: (state) => {
          this.state = state;
          this.#follow(state);
        },
        onPeople: (people, ownId) => {
          this.people = people;
          this.ownId = ownId;
          this.name = this.me?.name ?? this.name;
        },
        onChat: (lines, all) => {
          this.chat = [...(all ? [] : this.chat), ...lines].slice(-linesShown);
        },
        onError: (_, detail) => {
          this.problem = detail;
          this.#follow(this.state); // What was done here is undone.
        },
      },
    );
  }

  /** Goes in; the function it returns leaves. */
  enter(): () => void {
    const again = (): void => this.#client.open();
    addEventListener('online', again);
    this.#timer = setInterval(() => this.#tick(), tickMs);
    this.#client.open();
    return () => {
      removeEventListener('online', again);
      clearInterval(this.#timer);
      this.#followers.forEach((follower) => follower.close());
      this.#followers = [];
      this.#client.close();
    };
  }

  /** Tries again after an end. */
  again(): void {
    this.#client.open();
  }

  /** Keeps a video element where the room is; the function it returns lets it go. */
  attach(video: HTMLVideoElement): () => void {
    const follower = new MediaFollower(video, () => this.#client.roomTime(), {
      onCommand: (command) => this.#command(command),
      onBlocked: (blocked) => (this.blocked = blocked),
    });
    this.#followers.push(follower);
    if (this.state !== null && this.phase !== 'ended') {
      follower.follow(this.state);
    }
    return () => {
      this.#followers = this.#followers.filter((other) => other !== follower);
      follower.close();
    };
  }

  /** The viewer clicked. */
  unblock(): void {
    this.#followers.forEach((follower) => follower.unblock());
  }

  say(text: string): boolean {
    return this.#client.send({ type: 'chat', text });
  }

  rename(name: string): void {
    this.name = name;
    localStorage.setItem(nameKey, name);
    this.#client.send({ type: 'name', name });
  }

  send(command: Command): void {
    this.problem = '';
    this.#client.send(command);
  }

  #command(command: Command): boolean {
    if (!this.mayControl && this.phase === 'open') {
      this.problem = 'Only the host of this room can do that.';
      return false;
    }
    this.problem = '';
    return this.#client.send(command);
  }

  #follow(state: RoomState | null): void {
    this.#followers.forEach((follower) => follower.follow(state));
  }

  #tick(): void {
    this.#followers.forEach((follower) => follower.tick());
    const now = performance.now();
    const all = this.#followers;
    const isReady = all.length > 0 && all.every(({ ready }) => ready);
    this.#unreadySinceMs = isReady ? null : (this.#unreadySinceMs ?? now);
    const ready = this.#unreadySinceMs === null || (this.#told.ready && now - this.#unreadySinceMs < stallMs);
    if (ready !== this.#told.ready || now - this.#told.atMs >= statusMs) {
      if (this.#client.send({ type: 'status', ready, drift: all[0]?.driftSeconds ?? null })) {
        this.#told = { ready, atMs: now };
      }
    }
  }

  /** How this page plays, for a room that is new; null when it has not begun. */
  #own(): { paused: boolean; position: number; rate: number } | null {
    const media = this.#followers[0]?.media;
    return media === undefined || media.readyState === 0 || (media.paused && media.currentTime < 1)
      ? null
      : { paused: media.paused, position: media.currentTime, rate: media.playbackRate };
  }
}

function storedName(): string {
  return localStorage.getItem(nameKey) ?? '';
}
