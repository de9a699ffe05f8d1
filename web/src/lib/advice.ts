/** All that the server says of an address that it did not get: what is there is nobody's business. */
const refusal = 'The address cannot be fetched.';

/** What can be done about a source that was refused; empty where the reason says it itself. */
export function adviceOn(reason: string | null): string {
  return reason?.includes(refusal)
    ? 'Check that it is written right and answers. One inside the server’s own network is fetched only where outbound.allow in the configuration opens it.'
    : '';
}
