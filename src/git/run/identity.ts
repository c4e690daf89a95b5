import { type RepositoryConfig, setting } from './config.ts';

/** Objects and branches survive a power cut before the journal says that they are there. Unknown to git before 2.36, which ignores it. */
export const DURABLE = ['core.fsync=committed,loose-object', 'core.fsyncMethod=batch'];

/** The owner's name where one is set in full, the factory's otherwise; always given, so that git never guesses. */
export function identity(config: RepositoryConfig): Record<string, string> {
  const person = (kind: 'author' | 'committer') => {
    const name = setting(config, `${kind}.name`) || setting(config, 'user.name');
    const email = setting(config, `${kind}.email`) || setting(config, 'user.email');
    // git strips these characters and refuses what is then empty.
    const usable = name && email && /[^\s.,:;<>"\\'\p{Cc}]/u.test(name) && /[^\s<>\p{Cc}]/u.test(email);
    return usable ? { name, email } : { name: 'Dark Factory', email: 'dark-factory@localhost' };
  };
  const [author, committer] = [person('author'), person('committer')];
  return {
    GIT_AUTHOR_NAME: author.name,
    GIT_AUTHOR_EMAIL: author.email,
    GIT_COMMITTER_NAME: committer.name,
    GIT_COMMITTER_EMAIL: committer.email,
  };
}
