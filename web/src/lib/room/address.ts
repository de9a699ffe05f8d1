/** What a room is about. */
export interface Subject {
  kind: 'asset' | 'channel' | 'session';
  id: string;
}

/** The address of a room's WebSocket, on the origin of this page; with `http` instead it tells why one is refused. */
export function roomUrl(subject: Subject, token: string | null, origin: string): string {
  const id = encodeURIComponent(subject.id);
  const path =
    subject.kind === 'session' ? `/api/v1/sessions/${id}/room` : `/api/v1/rooms/${subject.kind}/${id}`;
  const query = token === null ? '' : `?${new URLSearchParams({ token })}`;
  return origin.replace(/^http/, 'ws') + path + query;
}

/** The link of a page, with its room open. */
export function inviteLink(watch: string): string {
  const url = new URL(watch);
  url.searchParams.set('room', '1');
  return url.href;
}

/** The playback token of a link; null when it needs none. */
export function tokenOf(link: string): string | null {
  return new URL(link).searchParams.get('token');
}

/** Whether the address asks for the room to be open. */
export function asksForRoom(search: string): boolean {
  return new URLSearchParams(search).get('room') === '1';
}
