import type { Text } from './text.ts';

/** One field of a form that a connector describes: of a connection, of a trigger's or an action's settings. */
export interface FormField {
  key: string;
  label: Text;
  /** `secret` is sealed and never sent back to the browser. */
  type: 'text' | 'secret' | 'url' | 'number' | 'boolean' | 'select' | 'json';
  /** Where to find the value, in steps. */
  help?: Text;
  placeholder?: string;
  required?: boolean;
  default?: string | number | boolean;
  options?: { value: string; label: Text }[];
  /** Settings: the choices come from the live field `recordType.field` of the connection, as in `deal.stage`. */
  choicesOf?: string;
  /** Shown under "advanced". */
  advanced?: boolean;
  /** JavaScript regular expression the whole value must match, with `patternHelp` shown when it does not. */
  pattern?: string;
  patternHelp?: Text;
}

export type FormValues = Record<string, string | number | boolean | null | Record<string, unknown>>;
