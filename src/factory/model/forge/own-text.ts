/** All that the factory writes at forges begins with a mark that nobody sees. Anybody may write one: then they are not heard. */
export const isOwnText = (body: string): boolean => /^\s*<!-- dark-factory\b/.test(body);
