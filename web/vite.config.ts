import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import { rememberHash } from './hash.mjs';

export default defineConfig({
  root: import.meta.dirname,
  plugins: [react(), rememberHash()],
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: 'es2023',
    // The first browsers with light-dark(): below them it would be rewritten into what our theme switch does not reach.
    cssTarget: ['chrome123', 'firefox120', 'safari17.5'],
    chunkSizeWarningLimit: 900,
  },
  server: {
    proxy: {
      '/api/': { target: process.env.MOSTIK_API ?? 'http://127.0.0.1:8080', changeOrigin: false },
    },
  },
});
