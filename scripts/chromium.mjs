// Chromium for the browser tests: the system's own, since a downloaded one does not start on every machine.
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { run } from './steps.mjs';

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const mac = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
];

/** Path of a browser on this machine, or null. CHROMIUM_PATH goes before what is found. */
export function findChromium(env = process.env) {
  if (env.CHROMIUM_PATH) return existsSync(env.CHROMIUM_PATH) ? env.CHROMIUM_PATH : null;
  const folders = [...(env.PATH ?? '').split(delimiter), '/usr/bin', '/usr/local/bin', '/snap/bin'];
  const candidates = [...names.flatMap((name) => folders.map((folder) => join(folder, name))), ...mac];
  return candidates.find((path) => existsSync(path)) ?? null;
}

/** Installs the system's Chromium where that is ours to do: root on Debian. Gives why there is still none, or null. */
export async function makeSureOfChromium() {
  if (process.env.CHROMIUM_PATH && !findChromium())
    return `CHROMIUM_PATH names ${process.env.CHROMIUM_PATH}, which is not there`;
  if (findChromium()) return null;
  if (process.platform !== 'linux' || !existsSync('/usr/bin/apt-get'))
    return 'there is no Chromium on this machine; install one or set CHROMIUM_PATH';
  if (process.getuid?.() !== 0)
    return 'there is no Chromium on this machine, and only root may install it (apt-get install chromium)';
  console.log('Installing Chromium for the browser tests …');
  const options = {
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    stdio: ['ignore', 'ignore', 'inherit'],
  };
  await run('apt-get', ['update', '-q'], options);
  const code = await run('apt-get', ['install', '-y', '-q', '--no-install-recommends', 'chromium'], options);
  return findChromium() ? null : `apt-get install chromium failed with code ${code}`;
}
