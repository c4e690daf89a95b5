import { count, flag, group, oneOf } from './settings.ts';

export const publishSettings = group('What becomes of a project that is completed', {
  auto: oneOf(
    ['off', 'draft', 'ready'],
    'off',
    'Push its branch and open a pull request, as a draft or ready. `off`: nothing leaves this machine before `df publish`',
  ),
  watch: flag(false, 'Watch the checks of such pull requests; a red one begins another attempt'),
  rounds: count(3, 'How often a red check may do that'),
});
