/** As the contract asks for. */
export const shortestPassword = 10;

export const looksLikeEmail = (email: string): boolean => /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(email.trim());
