import { languageName } from '../format';

/** What the audio chooser calls a track: its name, its language, or its number. */
export function audioLabel(name: string, language: string, index: number): string {
  const spoken = languageName(language);
  if (name === '' || name === language) {
    return spoken === '' ? `Track ${index + 1}` : spoken;
  }
  return spoken === '' || name.toLowerCase().includes(spoken.toLowerCase()) ? name : `${name} (${spoken})`;
}
