import { Book } from '../book.svelte';
import {
  getAudit,
  getChecks,
  getJobs,
  getOverview,
  getSettings,
  type AuditEntry,
  type Check,
  type ListedJob,
  type Overview,
  type Settings,
} from './api';

/** How the server is. */
export class OverviewBook extends Book {
  overview: Overview | null = $state.raw(null);

  protected override async load(): Promise<void> {
    this.overview = await getOverview();
  }
}

/** What doctor finds. */
export class CheckBook extends Book {
  checks: Check[] = $state.raw([]);

  protected override async load(): Promise<void> {
    this.checks = await getChecks();
  }
}

export class SettingsBook extends Book {
  settings: Settings = $state.raw({ file: null, items: [] });

  protected override async load(): Promise<void> {
    this.settings = await getSettings();
  }
}

/** Pages of something that only grows at its beginning. */
abstract class PagedBook<T, Next> extends Book {
  items: T[] = $state.raw([]);
  next: Next | null = $state.raw(null);

  protected abstract page(next: Next | null): Promise<{ items: T[]; next: Next | null }>;
  protected abstract nameOf(item: T): string | number;

  protected override async load(): Promise<void> {
    const page = await this.page(null);
    const fresh = page.items.map((item) => this.nameOf(item));
    const older = this.items.filter((item) => !fresh.includes(this.nameOf(item)));
    // What was loaded from later pages stays, where it follows on.
    const follows = older.length > 0 && this.items.some((item) => fresh.includes(this.nameOf(item)));
    this.items = follows ? [...page.items, ...older] : page.items;
    this.next = follows ? this.next : page.next;
  }

  /** Rejects with ApiError. */
  async more(): Promise<void> {
    const page = await this.page(this.next);
    const known = this.items.map((item) => this.nameOf(item));
    this.items = [...this.items, ...page.items.filter((item) => !known.includes(this.nameOf(item)))];
    this.next = page.next;
  }
}

export class AuditBook extends PagedBook<AuditEntry, number> {
  protected override page = getAudit;
  protected override nameOf = ({ number }: AuditEntry): number => number;
}

export class JobBook extends PagedBook<ListedJob, string> {
  protected override page = getJobs;
  protected override nameOf = ({ id }: ListedJob): string => id;
}
