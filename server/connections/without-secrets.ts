import { ConnectorError } from '../../kit/errors.ts';
import { createRedactor } from '../../kit/http-record.ts';
import type { Text } from '../../kit/text.ts';

/**
 * A failure whose words hold none of the connection's secrets: an app may put the address it was asked at, or the token
 * it was given, into its answer, and what is told here goes to screens, to the database and out with alerts.
 */
export function withoutSecrets(error: ConnectorError, secrets: Record<string, string>): ConnectorError {
  const { text } = createRedactor(Object.values(secrets));
  const masked: Text =
    typeof error.text === 'string' ? text(error.text) : { en: text(error.text.en), ru: text(error.text.ru) };
  if (JSON.stringify(masked) === JSON.stringify(error.text)) return error;
  const { kind, code, field, until, onlyThisCall, outcome, cause } = error;
  return new ConnectorError({
    kind,
    code,
    text: masked,
    onlyThisCall,
    outcome,
    cause,
    ...(field === undefined ? {} : { field }),
    ...(until === undefined ? {} : { until }),
  });
}
