import type { ColumnType, Generated } from 'kysely';

type Time = ColumnType<Date, Date | string | undefined, Date | string>;
type MaybeTime = ColumnType<Date | null, Date | string | null | undefined, Date | string | null>;

interface People {
  id: string;
  name: string;
  email: string;
  email_verified: Generated<boolean>;
  image: string | null;
  language: 'en' | 'ru';
  language_chosen: Generated<boolean>;
  zone: string;
  administrator: boolean;
  created_at: Time;
  updated_at: Time;
}

interface Sessions {
  id: string;
  person_id: string;
  token: string;
  expires_at: Date;
  ip_address: string | null;
  user_agent: string | null;
  created_at: Time;
  updated_at: Time;
}

interface Credentials {
  id: string;
  person_id: string;
  account_id: string;
  provider_id: string;
  password: string | null;
  created_at: Time;
  updated_at: Time;
}

interface ApiKeys {
  id: string;
  config_id: Generated<string>;
  name: string | null;
  start: string | null;
  prefix: string | null;
  key: string;
  reference_id: string;
  enabled: Generated<boolean>;
  expires_at: MaybeTime;
  last_request: MaybeTime;
  rate_limit_enabled: boolean | null;
  created_at: Time;
  updated_at: Time;
}

/** Of the accounts room; columns that only better-auth touches are left out. */
export interface AccountTables {
  people: People;
  sessions: Sessions;
  credentials: Credentials;
  api_keys: ApiKeys;
  cookie_secret: { single: Generated<boolean>; sealed: Buffer };
  setup: { done: Generated<boolean>; person_id: string; at: Time };
  setup_codes: { hash: string; created_at: Time };
  password_attempts: { key: string; failures: number; blocked_until: MaybeTime; at: Time };
}
