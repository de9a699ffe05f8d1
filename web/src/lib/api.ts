import type { components } from './api.gen';
import type { Import } from './imports/import';
import type { Job, JobAction } from './jobs/job';

type Schemas = components['schemas'];

/** What triage decided for one track of the file. */
export type Track = Schemas['TrackVerdict'];

/** A part of a title that its file names. */
export type Chapter = Schemas['Chapter'];

/** Links that play one asset, each with its token in the query. */
export type Playback = Omit<Schemas['PlaybackLinks'], 'subtitles'>;

/** One video or audio title, as far as the pages show it. Times are ISO 8601, sizes bytes, durations seconds. */
export type Asset = Pick<
  Schemas['MediaView'],
  | 'id'
  | 'title'
  | 'fileName'
  | 'state'
  | 'reason'
  | 'sizeBytes'
  | 'durationSeconds'
  | 'createdAt'
  | 'updatedAt'
  | 'expiresAt'
  | 'tracks'
  | 'revision'
  | 'hasPoster'
  | 'hasStoryboard'
  | 'downloads'
  | 'chapters'
  | 'encryption'
  | 'arrival'
> & { playback?: Playback | null };

export type AssetPage = Omit<Schemas['MediaPage'], 'items'> & { items: Asset[] };

/** RFC 9457 problem details with Sluice's own members. */
export interface Problem {
  title: string;
  status: number;
  /** Stable name from the server's error table, or one of ours: `network`, `unknown`. */
  code: string;
  detail?: string | undefined;
  hint?: string | undefined;
  /** ISO 8601, with `token-expired` and `media-expired`. */
  expiredAt?: string | undefined;
}

/** A request that was answered with a problem, or not answered at all. */
export class ApiError extends Error {
  constructor(readonly problem: Problem) {
    super(problem.title);
  }

  /** True when the operator key would open this door. */
  get needsKey(): boolean {
    return isKeyProblem(this.problem);
  }
}

/** What a request was answered with, when it is that; anything else is a fault of ours and goes on. */
export function apiError(error: unknown): ApiError {
  if (error instanceof ApiError) {
    return error;
  }
  throw error;
}

export function isKeyProblem(problem: Problem): boolean {
  return problem.status === 401 || problem.code === 'key-invalid';
}

/** Turns any failed answer into a problem; a body that is not problem+json still gets a sentence. */
export function parseProblem(status: number, body: string): Problem {
  const fallback: Problem = { title: `The server answered ${status}.`, status, code: 'unknown' };
  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch {
    return fallback;
  }
  if (typeof json !== 'object' || json === null) {
    return fallback;
  }
  const text = (name: string): string | undefined => {
    const value = (json as Record<string, unknown>)[name];
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
  const title = text('title') ?? fallback.title;
  const detail = text('detail');
  return {
    title,
    status,
    code: text('code') ?? 'unknown',
    // The server repeats the title where it has nothing to add.
    detail: detail === title ? undefined : detail,
    hint: text('hint'),
    expiredAt: text('expiredAt'),
  };
}

export function networkProblem(online: boolean): Problem {
  return online
    ? {
        title: 'The server cannot be reached.',
        status: 0,
        code: 'network',
        hint: 'Check that it is running, then try again.',
      }
    : {
        title: 'This device is offline.',
        status: 0,
        code: 'network',
        hint: 'Try again when the connection is back.',
      };
}

interface RequestOptions {
  /** A form, or what is sent as JSON. */
  body?: unknown;
  /** Whether the operator's session goes along, if this browser has one. */
  asOperator?: boolean;
  headers?: Record<string, string>;
}

/** Asks the server; anything but success rejects with ApiError. */
export async function request(
  method: string,
  path: string,
  { body, asOperator = true, headers: more = {} }: RequestOptions = {},
): Promise<Response> {
  const headers: Record<string, string> = {
    Accept: 'application/json',
    ...more,
  };
  const init: RequestInit = {
    method,
    headers,
    cache: 'no-store',
    credentials: asOperator ? 'same-origin' : 'omit',
  };
  if (body instanceof FormData) {
    // The browser says how its parts are told apart.
    init.body = body;
  } else if (body !== undefined) {
    headers['Content-Type'] = 'application/json';
    init.body = JSON.stringify(body);
  }
  let response: Response;
  try {
    response = await fetch(path, init);
  } catch {
    throw new ApiError(networkProblem(navigator.onLine));
  }
  if (!response.ok) {
    throw new ApiError(parseProblem(response.status, await response.text()));
  }
  return response;
}

const mediaPath = (id: string): string => `/api/v1/media/${encodeURIComponent(id)}`;

/** One page of the library, or of what a search finds in it, from behind the asset `after`. */
export async function listMedia(
  after: string | null,
  wish: Readonly<Record<string, string>> = {},
  limit = 50,
): Promise<AssetPage> {
  const query = new URLSearchParams({ limit: String(limit), ...wish, ...(after === null ? {} : { after }) });
  return (await request('GET', `/api/v1/media?${query}`)).json() as Promise<AssetPage>;
}

/** The asset with its playback links, as the holder of a playback token sees it. */
export async function getShared(id: string, token: string): Promise<Asset> {
  // Without the operator's session: what a viewer would be told is what we want to know.
  const path = `${mediaPath(id)}?${new URLSearchParams({ token })}`;
  return (await request('GET', path, { asOperator: false })).json() as Promise<Asset>;
}

/** The asset as the operator sees it, without links. */
export async function getMedia(id: string): Promise<Asset> {
  return (await request('GET', mediaPath(id))).json() as Promise<Asset>;
}

/** A picture of a title, as the operator may see it: `poster.jpg`, or the sheets that `storyboard.vtt` speaks of. */
export const pictureOf = (id: string, name: string): string => `${mediaPath(id)}/${name}`;

/** Makes links; as configured, where nothing is wished. */
export async function mintToken(id: string, wish: Schemas['LinkRequest'] = {}): Promise<Playback> {
  return (await request('POST', `${mediaPath(id)}/tokens`, { body: wish })).json() as Promise<Playback>;
}

/** How the newest playbacks of a title went. */
export type PlaybackSummary = Schemas['PlaybackSummary'];

export async function getPlaybacks(id: string): Promise<PlaybackSummary> {
  return (await request('GET', `${mediaPath(id)}/playbacks`)).json() as Promise<PlaybackSummary>;
}

/** Has the server look again at a file that does not play; null when it plays. */
export async function prepareMedia(id: string): Promise<Job | null> {
  const response = await request('POST', `${mediaPath(id)}/prepare`);
  return response.status === 204 ? null : ((await response.json()) as Job);
}

export async function deleteMedia(id: string): Promise<void> {
  await request('DELETE', mediaPath(id));
}

async function change(id: string, body: Schemas['MediaChange']): Promise<Asset> {
  return (await request('PATCH', mediaPath(id), { body })).json() as Promise<Asset>;
}

/** Has a title live for so many minutes from now on; for ever with null. */
export async function setExpiry(id: string, expiresInMinutes: number | null): Promise<Asset> {
  return change(id, { expiresInMinutes });
}

/** Says whether viewers may have a title's file; as configured with null. */
export async function setDownloads(id: string, downloads: boolean | null): Promise<Asset> {
  return change(id, { downloads });
}

/** Jobs, newest first; those of one title when it is given. */
export async function listJobs(asset?: string, limit = 200): Promise<Job[]> {
  const query = new URLSearchParams({ limit: String(limit), ...(asset === undefined ? {} : { asset }) });
  const page = (await (await request('GET', `/api/v1/jobs?${query}`)).json()) as { items: Job[] };
  return page.items;
}

export async function changeJob(id: string, action: JobAction): Promise<Job> {
  return (await request('POST', `/api/v1/jobs/${encodeURIComponent(id)}/${action}`)).json() as Promise<Job>;
}

/** Imports, newest first. */
export async function listImports(limit = 50): Promise<Import[]> {
  const page = (await (await request('GET', `/api/v1/imports?limit=${limit}`)).json()) as { items: Import[] };
  return page.items;
}

export async function getImport(id: string): Promise<Import> {
  return (await request('GET', `/api/v1/imports/${encodeURIComponent(id)}`)).json() as Promise<Import>;
}

/** Has the server fetch a video. */
export async function addImport(url: string, expiresInMinutes: number | null): Promise<Import> {
  return (
    await request('POST', '/api/v1/imports', { body: { url, expiresInMinutes } })
  ).json() as Promise<Import>;
}

/** Calls an import off; one that is over is forgotten. */
export async function removeImport(id: string): Promise<void> {
  await request('DELETE', `/api/v1/imports/${encodeURIComponent(id)}`);
}

/**
 * The same resource on the origin that this page came from. The server writes absolute links with the name it knows
 * itself by; behind a proxy, or on `localhost` instead of `127.0.0.1`, only our own origin may be loaded.
 */
export function onThisOrigin(url: string, origin: string): string {
  const parsed = new URL(url, origin);
  return origin + parsed.pathname + parsed.search;
}
