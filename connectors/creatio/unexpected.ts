import { ConnectorError } from '../../kit/errors.ts';
import { fill } from '../../kit/text.ts';

export const unexpectedAnswer = 'creatio.unexpected_answer';

/** A body that is not what the documentation says. */
export const unexpected = (what: string, cause: unknown): ConnectorError =>
  new ConnectorError({
    kind: 'temporary',
    code: unexpectedAnswer,
    text: fill(
      {
        en: 'The app answered in a form we do not know ({what}). The answer is in the history; we will try again.',
        ru: 'Приложение ответило в неизвестном нам виде ({what}). Ответ сохранён в истории; мы попробуем ещё раз.',
      },
      { what },
    ),
    outcome: 'unknown',
    cause,
  });
