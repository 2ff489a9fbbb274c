export const megabyte = 1_048_576;

/** "340 MB", "1.2 GB" in the person's language. */
export function sizeInWords(bytes: number, language: string): string {
  const isLarge = bytes >= 1024 * megabyte;
  const format = new Intl.NumberFormat(language, {
    style: 'unit',
    unit: isLarge ? 'gigabyte' : 'megabyte',
    maximumFractionDigits: isLarge || bytes < 10 * megabyte ? 1 : 0,
  });
  return format.format(bytes / megabyte / (isLarge ? 1024 : 1));
}
