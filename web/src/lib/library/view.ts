/** What of the library is shown, and in which order: as the address of the page says it. */
export interface View {
  search: string;
  show: Show;
  sort: Sort;
}

export const sorts = [
  { value: 'newest', label: 'Newest first' },
  { value: 'oldest', label: 'Oldest first' },
  { value: 'title', label: 'By title' },
  { value: 'longest', label: 'Longest first' },
  { value: 'largest', label: 'Largest first' },
] as const;

/** Several states of the server's that are one to a person. */
export const shows = [
  { value: 'all', label: 'All titles', states: '' },
  { value: 'ready', label: 'Ready to watch', states: 'ready' },
  { value: 'working', label: 'On their way', states: 'arriving,processing' },
  { value: 'trouble', label: 'Needing attention', states: 'needs-transcode,failed' },
] as const;

export type Sort = (typeof sorts)[number]['value'];
export type Show = (typeof shows)[number]['value'];

export const everything: View = { search: '', show: 'all', sort: 'newest' };

/** The view that an address names; what it does not name, or nobody knows, is as usual. */
export function viewOf(address: string): View {
  const query = new URLSearchParams(address);
  return {
    search: query.get('search') ?? '',
    show: shows.find(({ value }) => value === query.get('show'))?.value ?? everything.show,
    sort: sorts.find(({ value }) => value === query.get('sort'))?.value ?? everything.sort,
  };
}

/** The query of the page's address; empty for the usual view. */
export function addressOf(view: View): string {
  const query = new URLSearchParams();
  for (const name of ['search', 'show', 'sort'] as const) {
    if (view[name] !== everything[name]) {
      query.set(name, view[name]);
    }
  }
  return query.size === 0 ? '' : `?${query}`;
}

/** What the API is asked for. */
export function wishOf({ search, show, sort }: View): Record<string, string> {
  const states = shows.find(({ value }) => value === show)?.states ?? '';
  return {
    ...(search.trim() === '' ? {} : { search: search.trim() }),
    ...(states === '' ? {} : { state: states }),
    ...(sort === everything.sort ? {} : { sort }),
  };
}

/** Nothing is left out: what is new belongs into it. */
export const isWhole = ({ search, show }: View): boolean => search.trim() === '' && show === 'all';
