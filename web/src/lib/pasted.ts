/** What was pasted elsewhere than into a field: on a page with one field there is nothing else that it could be meant for. */
export function pastedBesideFields({ target, clipboardData }: ClipboardEvent): string {
  return target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement
    ? ''
    : (clipboardData?.getData('text') ?? '');
}
