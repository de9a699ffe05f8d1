import { request } from '../api';
import type { Form, Publication, Publications, Store } from './published';

/** Names of published playlists, as everybody may read them, oldest first. */
export async function listPublished(): Promise<string[]> {
  return (await request('GET', '/m3u8_index_cache.json', { asOperator: false })).json() as Promise<string[]>;
}

/** The store of published files, for the operator. */
export async function getStore(): Promise<Store> {
  return (await request('GET', '/api/v1/pipekv')).json() as Promise<Store>;
}

const pathOf = (id: string): string => `/api/v1/media/${encodeURIComponent(id)}/publish`;

/** Where a title is published, and where it can be. */
export async function listPublications(id: string): Promise<Publications> {
  return (await request('GET', pathOf(id))).json() as Promise<Publications>;
}

/** Has a title published. */
export async function publish(id: string, target: string, form: Form): Promise<Publication> {
  return (await request('POST', pathOf(id), { body: { target, form } })).json() as Promise<Publication>;
}

/** Has a title taken away. */
export async function unpublish(id: string, target: string): Promise<Publication> {
  return (
    await request('DELETE', `${pathOf(id)}?${new URLSearchParams({ target })}`)
  ).json() as Promise<Publication>;
}
