import * as z from 'zod';
import { count, duration, flag, group, list, oneOf } from './settings.ts';

export const publishSettings = group('What becomes of a project that is completed', {
  auto: oneOf(
    ['off', 'draft', 'ready'],
    'off',
    'Push its branch and open a pull request, as a draft or ready. `off`: nothing leaves this machine before `df publish`',
  ),
  watch: flag(false, 'Watch the checks of such pull requests; a red one begins another attempt'),
  rounds: count(3, 'How often a red check, or a comment, may do that'),
  reviewers: list(
    z.string().trim().min(1),
    'Whose comments on such a pull request the agents are told; another attempt begins. Nobody else is heard',
  ),
  patience: duration('2h', 'Checks that have not ended after this long are given up, and you are told'),
  interval: duration('30s', 'How often they are looked at'),
});
