import type { Asset } from '../api';

/**
 * The list, newest first, with the newest state of one title. A title that is new to it is put in its place, unless that
 * place is on a page that was not loaded yet (`complete` is false then).
 */
export function withTitle(assets: readonly Asset[], asset: Asset, complete: boolean): Asset[] {
  if (assets.some(({ id }) => id === asset.id)) {
    return assets.map((known) => (known.id === asset.id ? asset : known));
  }
  const made = Date.parse(asset.createdAt);
  const place = assets.findIndex(({ createdAt }) => Date.parse(createdAt) < made);
  if (place >= 0) {
    return assets.toSpliced(place, 0, asset);
  }
  return complete ? [...assets, asset] : [...assets];
}
