import { request } from '../api';
import type { Session } from './session';

const path = (id: string): string => `/api/v1/sessions/${encodeURIComponent(id)}`;

/** What somebody wants to watch: an address of http, https or magnet, or the .torrent file. */
export type Wish = { url: string } | { torrent: File };

/** Begins a session, or joins the one that plays this already. */
export async function beginSession(wish: Wish, title: string): Promise<Session> {
  if ('url' in wish) {
    const body = { url: wish.url, ...(title === '' ? {} : { title }) };
    return (await request('POST', '/api/v1/sessions', { body })).json() as Promise<Session>;
  }
  const form = new FormData();
  if (title !== '') {
    form.append('title', title);
  }
  form.append('torrent', wish.torrent, wish.torrent.name);
  return (await request('POST', '/api/v1/sessions', { body: form })).json() as Promise<Session>;
}

/** The session with links to watch along. */
export async function getSession(id: string): Promise<Session> {
  return (await request('GET', path(id))).json() as Promise<Session>;
}

/** All that run, newest first. */
export async function listSessions(): Promise<Session[]> {
  const list = (await (await request('GET', '/api/v1/sessions')).json()) as { items: Session[] };
  return list.items;
}

export async function endSession(id: string): Promise<void> {
  await request('DELETE', path(id));
}

/** Plays another file of the session's torrent. */
export async function chooseFile(id: string, index: number): Promise<void> {
  await request('POST', `${path(id)}/file`, { body: { index } });
}

/** Draws subtitles into the picture, for all who watch; null for none. It takes as long as it takes to begin with them. */
export async function burnSubtitles(id: string, track: number | null): Promise<void> {
  await request('PUT', `${path(id)}/subtitles/burned`, { body: { track } });
}

/** Has all of it fetched into the library. */
export async function keepInLibrary(id: string): Promise<void> {
  await request('POST', `${path(id)}/keep`);
}
