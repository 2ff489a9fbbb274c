// Vite's configuration imports this file, and inlines what it imports: nothing here may run by itself.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const web = dirname(fileURLToPath(import.meta.url));
const root = dirname(web);
const hashFile = join(web, 'dist', '.hash');

// fs.globSync came with Node 22; this also runs under 20.
function filesUnder(folder) {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).split(sep).join('/'));
}

const isTest = (file) => file.endsWith('.test.ts');
/** A contract is one file, or a folder of that name. */
const isContract = (file) => /\/contract(\/[^/]+)?\.ts$/.test(file);

/** Everything the bundle is made of, but for packages. A test holds it against what is really imported. */
export function sourceFiles() {
  return [
    ...filesUnder('web').filter((file) => !file.startsWith('web/dist/')),
    ...filesUnder('server').filter(isContract),
    'package-lock.json',
  ]
    .filter((file) => !isTest(file))
    .sort();
}

/** The hash of everything the bundle is made of. */
export function sourceHash() {
  const hash = createHash('sha256');
  for (const file of sourceFiles()) {
    const bytes = readFileSync(join(root, file));
    hash.update(`${file}\0${bytes.length}\0`).update(bytes);
  }
  return hash.digest('hex');
}

/** Whether `web/dist` was built from the sources as they are now. */
export function webIsCurrent() {
  return existsSync(hashFile) && readFileSync(hashFile, 'utf8') === sourceHash();
}

/** Vite plugin: writes the hash when the bundle is complete, so that a build broken off half-way is not taken for whole. */
export function rememberHash() {
  const before = sourceHash();
  return {
    name: 'mostik-hash',
    apply: 'build',
    writeBundle() {
      writeFileSync(hashFile, before);
    },
  };
}
