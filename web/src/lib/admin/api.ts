import { request } from '../api';
import type { Job } from '../jobs/job';

/** One moment of the server. */
export interface Sample {
  /** ISO 8601. */
  at: string;
  titleViewers: number;
  channelViewers: number;
  bitsPerSecond: number;
}

export interface Overview {
  version: string;
  startedAt: string;
  titles: number;
  sourceBytes: number;
  freeBytes: number;
  place: 'disk' | 'bucket';
  memoryBytes: number;
  /** Of the last hour, oldest first. */
  samples: Sample[];
}

export interface Check {
  severity: 'ok' | 'warn' | 'fail';
  subject: string;
  detail: string;
  fix: string | null;
}

export interface Setting {
  key: string;
  /** Dots for a secret; null when it has none. */
  value: string | null;
  isDefault: boolean;
  allowed: string;
}

export interface Settings {
  file: string | null;
  items: Setting[];
}

export interface AuditEntry {
  number: number;
  at: string;
  action: string;
  subject: string | null;
  title: string | null;
  actor: string;
  client: string | null;
}

export interface AuditPage {
  items: AuditEntry[];
  next: number | null;
}

/** A job as lists have it. */
export interface ListedJob extends Job {
  title?: string;
  /** The tool's own last words when it failed. */
  log: string | null;
  createdAt: string;
}

async function get<T>(path: string): Promise<T> {
  return (await request('GET', path)).json() as Promise<T>;
}

export const getOverview = (): Promise<Overview> => get('/api/v1/admin');

export const getChecks = async (): Promise<Check[]> =>
  (await get<{ items: Check[] }>('/api/v1/admin/checks')).items;

export const getSettings = (): Promise<Settings> => get('/api/v1/admin/settings');

export const getAudit = (before: number | null): Promise<AuditPage> =>
  get(`/api/v1/admin/audit${before === null ? '' : `?before=${before}`}`);

export const getJobs = (after: string | null): Promise<{ items: ListedJob[]; next: string | null }> =>
  get(`/api/v1/jobs?limit=50${after === null ? '' : `&after=${encodeURIComponent(after)}`}`);
