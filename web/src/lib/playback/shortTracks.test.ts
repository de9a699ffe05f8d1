import { expect, it } from 'vitest';
import { withFullTracks } from './shortTracks';

const film = (...timelines: string[]): string => `<MPD type="static" mediaPresentationDuration="PT60S">
  <Period id="0" start="PT0S" duration="PT60S">
    ${timelines
      .map(
        (
          lines,
        ) => `<AdaptationSet><SegmentTemplate timescale="1000" presentationTimeOffset="500" startNumber="1" media="$Number$.m4s">
        <SegmentTimeline>
          ${lines}
        </SegmentTimeline>
      </SegmentTemplate></AdaptationSet>`,
      )
      .join('\n')}
  </Period>
</MPD>`;

it.each([
  ['<S t="500" d="6000" r="8"/><S d="1000"/>', '<S t="500" d="6000" r="8"/><S d="6000"/>'],
  ['<S t="400" d="6100"/><S d="6000" r="3"/>', '<S t="400" d="6100"/><S d="6000" r="2"/><S d="36000"/>'],
  ['<S t="500" d="6000" r="1"/>', '<S t="500" d="6000" r="0"/><S d="54000"/>'],
  ['<S t="500" d="6000"/>', '<S t="500" d="60000"/>'],
])('the last segment of a short track reaches to the end of the film: %s', (lines, full) => {
  expect(withFullTracks(film('<S t="500" d="6000" r="9"/>', lines))).toBe(
    film('<S t="500" d="6000" r="9"/>', full),
  );
});

it.each([film('<S t="500" d="6000" r="9"/>'), film('<S t="500" d="60001"/>'), film(''), '<html></html>', ''])(
  'what has no short track stays as it is',
  (mpd) => {
    expect(withFullTracks(mpd)).toBe(mpd);
  },
);
