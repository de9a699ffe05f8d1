/** What the server says of a source, without more, and what can be done about it. */
const advices: readonly [reason: RegExp, advice: string][] = [
  // All that it says of an address that it did not get: what is there is nobody's business.
  [
    /The address cannot be fetched\./,
    'Check that it is written right and answers. One inside the server’s own network is fetched only where outbound.allow in the configuration opens it.',
  ],
  [
    /answered with status (401|403|404|410)\./,
    'Open the address in a browser where nobody is logged in: it may have moved, or not be for everybody.',
  ],
  [
    /no video or audio that can be played/,
    'Give the address of the file itself, not of a page that shows it.',
  ],
];

/** What can be done about a source that was refused; empty where the reason says it itself. */
export function adviceOn(reason: string | null): string {
  return advices.find(([words]) => reason !== null && words.test(reason))?.[1] ?? '';
}
