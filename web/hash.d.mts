import type { Plugin } from 'vite';

export function sourceFiles(): string[];
export function sourceHash(): string;
export function webIsCurrent(): boolean;
export function rememberHash(): Plugin;
