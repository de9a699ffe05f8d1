import type { Narrowed } from '../narrowed';
import type { components } from '../api.gen';
import { addressOf } from '../imports/import';
import type { Channel, Resolver } from './channel';

/** A channel as it stands in the form. */
export interface Draft {
  url: string;
  /** One address a line. */
  backups: string;
  name: string;
  title: string;
  public: boolean;
  userAgent: string;
  /** Empty for any. */
  maxHeight: number | null;
  /** As it is written; empty for any number. */
  maxViewers: string;
  resolver: Resolver | null;
}

/** What PUT takes. */
export type ChannelDefinition = Narrowed<
  Pick<
    components['schemas']['ChannelRequest'],
    'title' | 'public' | 'userAgent' | 'maxHeight' | 'maxViewers' | 'resolver' | 'urls'
  >,
  { urls: string[]; public: boolean; resolver: Resolver | null }
>;

/** What PATCH takes. */
export type ChannelChanges = Partial<ChannelDefinition> & { enabled?: boolean };

/** What a test takes. The channel that the address may be of lends what is not shown of it. */
export type TestQuestion = Narrowed<
  Pick<components['schemas']['ChannelTestRequest'], 'url' | 'userAgent' | 'resolver' | 'maxHeight'>,
  { resolver: Resolver | null }
> & { channel?: string };

/** What is wrong with a field, in words. */
export type Faults = Partial<Record<'url' | 'backups' | 'name' | 'maxViewers', string>>;

export const emptyDraft: Readonly<Draft> = {
  url: '',
  backups: '',
  name: '',
  title: '',
  public: false,
  userAgent: '',
  maxHeight: null,
  maxViewers: '',
  resolver: null,
};

/** A channel that exists, to be changed. Its addresses are as the server shows them: without their secrets. */
export function draftOf(channel: Channel): Draft {
  return {
    url: channel.urls[0] ?? '',
    backups: channel.urls.slice(1).join('\n'),
    name: channel.name,
    title: channel.title ?? '',
    public: channel.public,
    userAgent: channel.userAgent ?? '',
    maxHeight: channel.maxHeight,
    maxViewers: channel.maxViewers === null ? '' : String(channel.maxViewers),
    resolver: channel.resolver,
  };
}

/** What the server writes in the place of a part that may be secret. Sent back as it was shown, an address keeps it. */
const hidden = '?…';

/** The server's rules. */
const mostViewers = 1_000_000;
const nameRule = /^[a-z0-9-]{1,64}$/;
const viewersRule = /^([1-9][0-9]*)?$/;

/** What is wrong with a form. `shown` are the addresses that the channel has, as the server shows them. */
export function faultsOf(draft: Draft, taken: readonly string[], shown: readonly string[] = []): Faults {
  const isShortened = (url: string): boolean => url.endsWith(hidden) && !shown.includes(url);
  const faults: Faults = {};
  if (draft.url.trim() === '') {
    faults.url = 'Give the address of a stream.';
  } else if (addressOf(draft.url) === null) {
    faults.url = 'An address begins with http:// or https://.';
  } else if (isShortened(draft.url.trim())) {
    faults.url = 'Give the whole address: “…” stands for a part that is not shown.';
  }
  const line = backupLines(draft).findIndex((backup) => addressOf(backup) === null || isShortened(backup));
  if (line >= 0) {
    faults.backups = `Line ${line + 1} is no whole address that begins with http:// or https://.`;
  }
  if (!nameRule.test(draft.name)) {
    faults.name =
      draft.name === ''
        ? 'Give it a name.'
        : draft.name.length > 64
          ? 'A name has at most 64 characters.'
          : 'A name has only lower-case letters, digits and hyphens.';
  } else if (taken.includes(draft.name)) {
    faults.name = 'There is a channel of that name already.';
  }
  if (!viewersRule.test(draft.maxViewers.trim()) || Number(draft.maxViewers) > mostViewers) {
    faults.maxViewers = `Give a whole number from 1 to ${mostViewers.toLocaleString('en')}, or nothing for any number.`;
  }
  return faults;
}

/** A new channel, as the server takes it. */
export function definitionOf(draft: Draft): ChannelDefinition {
  return {
    urls: [draft.url.trim(), ...backupLines(draft)],
    title: textOrNull(draft.title),
    public: draft.public,
    userAgent: textOrNull(draft.userAgent),
    maxHeight: draft.maxHeight,
    maxViewers: draft.maxViewers.trim() === '' ? null : Number(draft.maxViewers),
    resolver: draft.resolver,
  };
}

/** What is different from the channel as it is. */
export function changesOf(draft: Draft, channel: Channel): ChannelChanges {
  const { urls, ...wanted } = definitionOf(draft);
  const known = definitionOf(draftOf(channel));
  const changes: ChannelChanges = urls.join('\n') === known.urls.join('\n') ? {} : { urls };
  const keep = <K extends keyof typeof wanted>(key: K): void => {
    if (wanted[key] !== known[key]) {
      Object.assign(changes, { [key]: wanted[key] });
    }
  };
  keep('title');
  keep('public');
  keep('userAgent');
  keep('maxHeight');
  keep('maxViewers');
  keep('resolver');
  return changes;
}

export function questionOf(draft: Draft, channel: Channel | null): TestQuestion {
  return {
    url: draft.url.trim(),
    userAgent: textOrNull(draft.userAgent),
    resolver: draft.resolver,
    maxHeight: draft.maxHeight,
    ...(channel === null ? {} : { channel: channel.name }),
  };
}

function backupLines({ backups }: Draft): string[] {
  return backups
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

function textOrNull(text: string): string | null {
  return text.trim() === '' ? null : text.trim();
}
