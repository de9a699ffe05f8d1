import { request } from '../api';
import type { components } from '../api.gen';

type Schemas = components['schemas'];

export type Overview = Schemas['AdminView'];

export type Check = Schemas['CheckList']['items'][number];

export type Settings = Schemas['SettingsView'];

export type Setting = Settings['items'][number];

export type AuditPage = Schemas['AuditPage'];

export type AuditEntry = AuditPage['items'][number];

/** A job as lists have it. */
export type ListedJob = Schemas['JobView'];

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
