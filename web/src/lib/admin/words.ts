import type { AuditEntry } from './api';

const actions: Readonly<Record<string, string>> = {
  'link-made': 'Made a link',
  'links-revoked': 'Revoked all links',
  'title-deleted': 'Deleted a title and its links',
  'admin-key-made': 'Uploaded a title and got its admin key',
  'logged-in': 'Logged in',
  'logged-in-refused': 'A wrong operator key was tried',
  'logged-out': 'Logged out',
};

const actors: Readonly<Record<string, string>> = {
  'operator-key': 'with the operator key',
  'operator-session': 'operator, in a browser',
  'admin-key': 'with the title’s admin key',
  'no-key': 'without a key',
};

/** What was done, in words; the server's own word for what is newer than this page. */
export const actionOf = ({ action }: AuditEntry): string => actions[action] ?? action.replaceAll('-', ' ');

/** By which right. */
export const actorOf = ({ actor }: AuditEntry): string => actors[actor] ?? actor;
