import { IANAZone } from 'luxon';
import type { ConnectionContext } from '../../kit/connector.ts';
import { ConnectorError } from '../../kit/errors.ts';
import { fill } from '../../kit/text.ts';

/** .NET Framework stands keep their services under `/0`, .NET ones do not. */
export type Platform = 'netframework' | 'netcore';

export type SignIn =
  | { kind: 'forms' | 'basic'; userName: string; password: string }
  | { kind: 'oauth'; tokenUrl: string; clientId: string; clientSecret: string };

export type UpdateVerb = 'MERGE' | 'PATCH' | 'PUT';

export interface Settings {
  /** `https://name.creatio.com`, or with the path of an on-site installation; no slash at the end. */
  site: string;
  host: string;
  platform: Platform | 'auto';
  signIn: SignIn;
  /** Zone of times that are answered without one. */
  zone: string;
  updateVerb: UpdateVerb;
}

type Form = Pick<ConnectionContext, 'fields' | 'secrets' | 'endpoints'>;

const textOf = (value: unknown): string => (typeof value === 'string' ? value.trim() : '');
const noSlash = (url: string): string => url.replace(/\/+$/, '');

/** Pages of the application that people copy along with the address. */
const ownPages = /\/(0|login|nui|shell|servicemodel|odata|viewpage|clientapp)(\/|$).*/i;

/** The site behind what a person typed: a bare name of a site in the `domain`, a host, or an address copied from the browser. */
export function siteOf({ fields, endpoints }: Pick<Form, 'fields' | 'endpoints'>, domain: string): string | null {
  const typed = textOf(endpoints.site) || textOf(fields.address);
  if (typed === '') return null;
  const host = /^[\w-]+$/.test(typed) ? `${typed}.${domain}` : typed;
  const url = URL.parse(/^https?:\/\//i.test(host) ? host : `https://${host}`);
  if (!url) return null;
  return noSlash(url.origin + url.pathname.replace(ownPages, ''));
}

/** `https://name-is.creatio.com` beside `https://name.creatio.com`. */
export function identityOf(site: string): string {
  const url = new URL(site);
  const [first = '', ...rest] = url.hostname.split('.');
  url.hostname = [`${first}-is`, ...rest].join('.');
  return url.origin;
}

function signInOf({ fields, secrets, endpoints }: Form, site: string): SignIn {
  const clientId = textOf(fields.clientId);
  if (clientId !== '') {
    const identity = textOf(endpoints.identity) || textOf(fields.identityUrl) || identityOf(site);
    const path = textOf(fields.tokenPath) || '/connect/token';
    const tokenUrl = `${noSlash(identity)}/${path.replace(/^\/+/, '')}`;
    return { kind: 'oauth', tokenUrl, clientId, clientSecret: secrets.clientSecret ?? '' };
  }
  const kind = fields.signIn === 'basic' ? 'basic' : 'forms';
  return { kind, userName: textOf(fields.userName), password: secrets.password ?? '' };
}

/** The connection's form with its defaults. */
export function readSettings(form: Form, domain: string): Settings {
  const site = siteOf(form, domain);
  if (site === null) throw badAddress(textOf(form.fields.address));
  const { platform, responseTimeZone, updateVerb } = form.fields;
  const zone = textOf(responseTimeZone);
  return {
    site,
    host: new URL(site).host,
    platform: platform === 'netframework' || platform === 'netcore' ? platform : 'auto',
    signIn: signInOf(form, site),
    zone: IANAZone.isValidZone(zone) ? zone : 'UTC',
    updateVerb: updateVerb === 'PATCH' || updateVerb === 'PUT' ? updateVerb : 'MERGE',
  };
}

const badAddress = (address: string): ConnectorError =>
  new ConnectorError({
    kind: 'reconnect',
    code: 'creatio.bad_address',
    text: fill(
      {
        en: '“{address}” is not a domain. Write it as the browser shows it: mycompany.creatio.com.',
        ru: '«{address}» — не домен. Укажите его, как в строке браузера: mycompany.creatio.com.',
      },
      { address: address || '—' },
    ),
  });
