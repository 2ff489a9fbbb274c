// Builds the web bundle when its sources have changed. Plain JavaScript, since npm's postinstall runs it before
// anything is known to be installed, and under whichever Node there is.
import { existsSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { webIsCurrent } from './hash.mjs';

export { webIsCurrent };

const web = dirname(fileURLToPath(import.meta.url));
const dist = join(web, 'dist');

/** Builds unless current. Without Vite (`npm ci --omit=dev`) an existing bundle is kept. */
export async function buildWeb() {
  if (webIsCurrent()) return;
  const vite = await import('vite').catch((error) => {
    if (error?.code === 'ERR_MODULE_NOT_FOUND') return undefined;
    throw error;
  });
  if (!vite) {
    const here = relative(process.cwd(), dist) || dist;
    console.warn(
      existsSync(join(dist, 'index.html'))
        ? `mostik: kept the web bundle in ${here}. It was built from other sources; run "npm ci && npm run web" to renew it.`
        : `mostik: there is no web bundle in ${here}, so Mostik will answer only its API. Run "npm ci && npm run web", or copy ${here} from a machine where it was built.`,
    );
    return;
  }
  console.log('mostik: building the web bundle');
  await vite.build({ configFile: join(web, 'vite.config.ts'), logLevel: 'warn' });
}

if (process.argv[1] && fileURLToPath(import.meta.url) === process.argv[1]) await buildWeb();
