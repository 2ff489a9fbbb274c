/**
 * The cookies of an answer. Several `Set-Cookie` headers come joined by commas, and dates hold commas too: a comma
 * parts two cookies only where a name and `=` follow.
 */
export function cookiesOf(header: string | undefined): Record<string, string> {
  const cookies: Record<string, string> = {};
  for (const cookie of (header ?? '').split(/,\s*(?=[^\s;,=]+=)/)) {
    const [pair = ''] = cookie.split(';');
    const at = pair.indexOf('=');
    const name = pair.slice(0, at).trim();
    // An empty value takes a cookie away.
    if (at > 0 && pair.slice(at + 1).trim() !== '') cookies[name] = pair.slice(at + 1).trim();
  }
  return cookies;
}
