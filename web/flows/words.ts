export const words = { en: {}, ru: {} };
