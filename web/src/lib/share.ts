import qrcode from 'qrcode-generator';

/** Free modules around a code (ISO/IEC 18004, section 6.3.8). */
const quiet = 4;

/** A QR code as the path of a picture, one unit a module. */
export function qrPath(text: string): { path: string; size: number } {
  const code = qrcode(0, 'M');
  code.addData(text);
  code.make();
  const count = code.getModuleCount();
  let path = '';
  for (let row = 0; row < count; row += 1) {
    for (let column = 0; column < count; column += 1) {
      if (code.isDark(row, column)) {
        path += `M${column + quiet} ${row + quiet}h1v1h-1z`;
      }
    }
  }
  return { path, size: count + 2 * quiet };
}

/** The address of the player alone, for the link of a watch page. */
export function embedUrl(watch: string): string {
  const url = new URL(watch);
  return url.origin + url.pathname.replace(/^\/watch\//, '/embed/') + url.search;
}

/** What is pasted into the page that shall show it. */
export function embedCode(watch: string, title: string): string {
  const text = title
    .replaceAll('&', '&amp;')
    .replaceAll('"', '&quot;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;');
  return `<iframe src="${embedUrl(watch).replaceAll('&', '&amp;')}" title="${text}" width="640" height="360" style="border:0" allow="autoplay; fullscreen; picture-in-picture" allowfullscreen></iframe>`;
}
