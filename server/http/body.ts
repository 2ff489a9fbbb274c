import type { FastifyInstance } from 'fastify';
import { isDeeper } from '../../kit/json.ts';
import { Problem } from './problem.ts';

export const bodyLimit = 1024 * 1024;
const deepest = 64;

/** Takes JSON alone; an empty body is no body, since clients send the header with every request. */
export function readJsonBodies(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser('error', 'error');
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    const text = String(body);
    if (text === '') return done(null, undefined);
    if (isDeeper(text, deepest)) return done(tooDeep());
    if (nulCharacter.test(text)) return done(notJson('http.nul_character', nul));
    void parse(request, text, (error, value) => {
      if (error) done(notJson('http.not_json', malformed, error));
      else done(null, value);
    });
  });
}

const malformed = { en: 'The body is not valid JSON.', ru: 'Тело запроса не является правильным JSON.' };
const nul = {
  en: 'The body holds a character with code 0, which cannot be stored.',
  ru: 'В теле запроса есть символ с кодом 0, его нельзя сохранить.',
};

/** Schemas walk a body recursively, so a bound keeps the stack whole. */
export const tooDeep = (): Problem =>
  notJson('http.too_deep', { en: 'The body is nested too deeply.', ru: 'Слишком большая вложенность в теле запроса.' });

const notJson = (code: string, text: { en: string; ru: string }, cause?: unknown): Problem =>
  new Problem({ status: 400, code, text, cause });

/** PostgreSQL keeps no U+0000 in text; an escaped backslash before `u0000` is harmless. */
const nulCharacter = /(?<!\\)(?:\\\\)*\\u0000/;
