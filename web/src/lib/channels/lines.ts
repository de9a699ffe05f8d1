import type { Line } from '../../components/Chart.svelte';
import type { Sample } from './status';

/** What the charts of a channel draw. */
export const bitrateLines: readonly Line<Sample>[] = [
  { label: 'in', colour: '--accent', of: ({ bitsIn }) => bitsIn },
  { label: 'out', colour: '--warn', of: ({ bitsOut }) => bitsOut },
];
export const latencyLines: readonly Line<Sample>[] = [
  { label: 'last', colour: '--accent', of: ({ latencyMs }) => latencyMs },
];
export const depthLines: readonly Line<Sample>[] = [
  { label: 'held', colour: '--accent', of: ({ depthSeconds }) => depthSeconds },
];
export const viewerLines: readonly Line<Sample>[] = [
  { label: 'viewers', colour: '--accent', of: ({ viewers }) => viewers },
];
