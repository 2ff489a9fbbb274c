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
    chunkSizeWarningLimit: 900,
  },
  server: {
    proxy: {
      '/api': { target: process.env.MOSTIK_API ?? 'http://127.0.0.1:8080', changeOrigin: false },
    },
  },
});
