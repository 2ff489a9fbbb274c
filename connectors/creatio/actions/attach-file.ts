import type { Action } from '../../../kit/action.ts';
import { ConnectorError } from '../../../kit/errors.ts';
import type { Field, Value, Values } from '../../../kit/field.ts';
import { fill, type Text } from '../../../kit/text.ts';
import type { CreatioApi } from '../api.ts';
import { guidOf } from '../values.ts';

/** MaxFileSize of a stand as it comes. */
const mostBytes = 10 * 1024 * 1024;

const fields: Field[] = [
  {
    key: 'address',
    label: { en: 'Address of the file', ru: 'Адрес файла' },
    type: 'url',
    help: {
      en: 'Mostik fetches it and hands it on: up to 10 MB, and without a sign-in.',
      ru: 'Мостик скачает его и передаст: до 10 МБ и без входа.',
    },
  },
  {
    key: 'text',
    label: { en: 'Text of the file', ru: 'Текст файла' },
    type: 'text',
    multiline: true,
    help: { en: 'In the place of an address: becomes a text file.', ru: 'Вместо адреса: станет текстовым файлом.' },
  },
  {
    key: 'name',
    label: { en: 'Name of the file', ru: 'Имя файла' },
    type: 'text',
    maxLength: 250,
    help: { en: 'Empty: as the address ends.', ru: 'Если пусто, берётся из конца адреса.' },
  },
];

const output: Field[] = [{ key: 'fileId', label: { en: 'Id of the file', ru: 'Id файла' }, type: 'text' }];

/** Puts a file into the files of a record. Its id is ours, so a repeat meets itself. */
export function attachFile(
  entity: string,
  record: { key: string; to: { en: string; ru: string } },
): Action<CreatioApi> {
  return {
    key: `${record.key}.attachFile`,
    label: fill({ en: 'Attach file to {to}', ru: 'Прикрепить файл к {to}' }, { to: record.to }),
    recordType: record.key,
    describe: async () => fields,
    output,
    async run(api, { target, values, repeatKey }) {
      if (!target) throw refused('no_record', noRecord);
      return attach(api, { entity, record: target.id, values, repeatKey });
    },
    repeat: { kind: 'safe' },
  };
}

/** The same for any object that has files, a «Usr…» one too: which record, the mapping says. */
export const attachFileToObject: Action<CreatioApi> = {
  key: 'object.attachFile',
  label: { en: 'Attach file to a record of any object', ru: 'Прикрепить файл к записи любого объекта' },
  recordType: null,
  settings: [
    {
      key: 'object',
      label: { en: 'Code of the object', ru: 'Код объекта' },
      type: 'text',
      required: true,
      placeholder: 'UsrProject',
      help: {
        en: 'An object with files: beside it there is one of the same code with File at its end.',
        ru: 'Объект с файлами: рядом с ним есть объект с тем же кодом и File на конце.',
      },
    },
  ],
  describe: async () => [
    {
      key: 'record',
      label: { en: 'Id of the record', ru: 'Id записи' },
      type: 'text',
      required: true,
    },
    ...fields,
  ],
  output,
  async run(api, { values, settings, repeatKey }) {
    const record = guidOf(values.record);
    if (record === null) throw refused('no_record', noRecord);
    const typed = String(settings.object ?? '').trim();
    const entity = [...(await api.model()).keys()].find((code) => code.toLowerCase() === typed.toLowerCase()) ?? typed;
    return attach(api, { entity, record, values, repeatKey });
  },
  repeat: { kind: 'safe' },
};

async function attach(
  api: CreatioApi,
  to: { entity: string; record: string; values: Values; repeatKey: string },
): Promise<{ id: string; output: Values }> {
  const { entity, record, values, repeatKey } = to;
  const id = guidOf(repeatKey);
  if (id === null) throw new Error('A key of a run is a UUID.');
  const object = `${entity}File`;
  const done = { id: record, output: { fileId: id } };
  if (await api.get(object, id)) return done;
  const file = await contentOf(api, values);
  await api.upload({ object, column: entity, record }, { id, ...file });
  return done;
}

interface Content {
  name: string;
  mimeType: string;
  bytes: Buffer;
}

async function contentOf(api: CreatioApi, values: Record<string, Value>): Promise<Content> {
  const [address, text, name] = [values.address, values.text, values.name].map((value) =>
    typeof value === 'string' ? value.trim() : '',
  );
  if (address) {
    const { bytes, mimeType } = await download(api, address);
    return { bytes, mimeType, name: name || nameIn(address) };
  }
  if (!text) throw refused('no_content', noContent);
  return { bytes: Buffer.from(text), mimeType: 'text/plain', name: name || 'note.txt' };
}

/** `https://example.com/acts/17.pdf?key=…` → `17.pdf`. */
function nameIn(address: string): string {
  const last = URL.parse(address)?.pathname.split('/').at(-1) ?? '';
  try {
    return decodeURIComponent(last) || 'file';
  } catch {
    return last;
  }
}

async function download(api: CreatioApi, address: string): Promise<Omit<Content, 'name'>> {
  const chunks: Buffer[] = [];
  let size = 0;
  const sink = (chunk: Buffer): void => {
    size += chunk.length;
    if (size <= mostBytes) chunks.push(chunk);
  };
  if (!URL.canParse(address)) throw refused('bad_address', badAddress);
  const { status, headers } = await api.connection.http.request({
    method: 'GET',
    url: address,
    sink,
    timeoutMs: 60_000,
  });
  if (status === 429 || status >= 500)
    throw new ConnectorError({ kind: 'temporary', code: 'creatio.file.busy', text: fill(notGiven, { status }) });
  if (status >= 300) throw refused('not_given', fill(notGiven, { status }));
  if (size > mostBytes) throw refused('too_large', tooLarge);
  return {
    bytes: Buffer.concat(chunks),
    mimeType: headers['content-type']?.split(';')[0] || 'application/octet-stream',
  };
}

const refused = (code: string, text: Text): ConnectorError =>
  new ConnectorError({ kind: 'rejected', code: `creatio.file.${code}`, text });

const noRecord: Text = {
  en: 'There is no record to attach the file to.',
  ru: 'Нет записи, к которой нужно прикрепить файл.',
};
const noContent: Text = {
  en: 'Neither the address nor the text of the file is given.',
  ru: 'Не указан ни адрес, ни текст файла.',
};
const badAddress: Text = {
  en: 'The address of the file is no address. It begins with https://.',
  ru: 'Адрес файла не похож на адрес. Он начинается с https://.',
};
const tooLarge: Text = { en: 'The file is larger than 10 MB.', ru: 'Файл больше 10 МБ.' };
const notGiven = {
  en: 'The file is not given out at its address (answer {status}).',
  ru: 'По своему адресу файл не отдаётся (ответ {status}).',
};
