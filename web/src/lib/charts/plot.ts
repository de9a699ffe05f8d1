import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { topOf, type Columns } from './window';

export interface PlotOptions {
  height: number;
  /** Seconds from the left edge to the right. */
  spanSeconds: number;
  /** The least that the top of the chart stands for. */
  floor: number;
  /** Custom properties of the page's style sheet, a line each. */
  colours: readonly string[];
  /** Writes a value at the side; null draws the lines only. */
  format: ((value: number) => string) | null;
  /** The sample under the pointer; null when it is elsewhere. */
  onhover(index: number | null): void;
}

export interface Plot {
  show(columns: Columns): void;
  destroy(): void;
}

/** Room for `999.9 kb/s` beside the chart. */
const axisWidth = 72;

/** Every line but the first is dashed: colour alone must not tell them apart. */
const dash = [4, 3];

/** Draws a chart in `host`, as wide as that is. The right edge is the newest sample. */
export function createPlot(host: HTMLElement, options: PlotOptions): Plot {
  const { height, spanSeconds, floor, colours, format, onhover } = options;
  const colour = (name: string): string => getComputedStyle(host).getPropertyValue(name).trim();
  const hasAxis = format !== null;
  let newest = 0;

  const plot = new uPlot(
    {
      width: Math.max(host.clientWidth, 1),
      height,
      padding: hasAxis ? [8, 4, 4, 0] : [2, 0, 2, 0],
      legend: { show: false },
      cursor: { show: hasAxis, y: false, drag: { setScale: false }, points: { size: 6 } },
      scales: {
        x: { range: () => [newest - spanSeconds, newest] },
        y: { range: (_, __, largest) => [0, topOf(largest, floor)] },
      },
      axes: [
        { show: false },
        {
          show: hasAxis,
          size: axisWidth,
          space: 28,
          font: '12px system-ui, sans-serif',
          stroke: () => colour('--muted'),
          grid: { stroke: () => colour('--line'), width: 1 },
          ticks: { show: false },
          values: (_, splits) => splits.map((value) => format?.(value) ?? ''),
        },
      ],
      series: [
        {},
        ...colours.map((name, index) => ({
          stroke: () => colour(name),
          width: 2,
          points: { show: false },
          ...(index === 0 ? {} : { dash }),
        })),
      ],
      hooks: { setCursor: [({ cursor }) => onhover(cursor.idx ?? null)] },
    },
    [[], ...colours.map(() => [])],
    host,
  );

  const size = new ResizeObserver(() => {
    if (host.clientWidth > 0) {
      plot.setSize({ width: host.clientWidth, height });
    }
  });
  size.observe(host);
  const scheme = matchMedia('(prefers-color-scheme: dark)');
  const redraw = (): void => plot.redraw();
  scheme.addEventListener('change', redraw);

  return {
    show: (columns) => {
      newest = columns[0].at(-1) ?? newest;
      plot.setData(columns);
    },
    destroy: () => {
      scheme.removeEventListener('change', redraw);
      size.disconnect();
      plot.destroy();
    },
  };
}
