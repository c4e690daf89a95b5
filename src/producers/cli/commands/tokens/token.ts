/** Ways in for people and programs: `df token add|list|remove`. */

import { ownerAct } from '../../../../factory/lifecycle/owner-act.ts';
import { type AccessToken, type Role, role } from '../../../../factory/model/access.ts';
import { usageError } from '../../../../lib/failure.ts';
import { addToken, removeToken } from '../../../web/auth/tokens.ts';
import type { CommandContext } from '../../framework/context.ts';
import { type Invocation, requiredArgument, textOption } from '../../framework/options.ts';
import { parseChoice } from '../../framework/parse.ts';
import { bold, formatMoment, jsonText } from '../../render/output.ts';
import { table } from '../../render/table.ts';

/** As people and `--json` see it. */
type Shown = Omit<AccessToken, 'hash'>;
const MOST_CHARACTERS = 64;

async function add(context: CommandContext, invocation: Invocation): Promise<number> {
  const services = await context.services();
  const name = requiredArgument(invocation).trim();
  const wanted = parseChoice<Role>('--role', textOption(invocation, 'role') ?? '', role.options);
  if (name === '' || name.length > MOST_CHARACTERS || /\p{Cc}/u.test(name))
    throw usageError(
      'token_name_invalid',
      `A token needs a name of one line with 1 to ${MOST_CHARACTERS} characters`,
      'Name whoever will use it, for example: df token add ci --role operator',
    );
  const now = services.clock.now();
  const { token, stored } = await addToken(services.state.tokens(), { name, role: wanted, now });
  await ownerAct(services, 'access.changed', `The token ${name} was made for the role ${wanted}.`);
  if (context.json) {
    context.out.raw(jsonText({ ...shown(stored), token }));
    return 0;
  }
  context.out.line(['Token  ', bold(token)]);
  context.out.line(`It may do what the role ${wanted} may, and is shown this once only.`);
  return 0;
}

async function list(context: CommandContext): Promise<number> {
  const { state } = await context.services();
  const tokens = (await state.tokens().get()).tokens.map(shown);
  if (context.json) context.out.raw(jsonText(tokens));
  else if (tokens.length === 0)
    context.out.line(`There are no tokens. Make one with: ${context.program} token add <name> --role viewer`);
  else
    context.out.line(
      table(
        [{ head: 'name' }, { head: 'role' }, { head: 'made' }],
        tokens.map((each) => [each.name, each.role, formatMoment(each.createdAt)]),
        context.out,
      ),
    );
  return 0;
}

async function remove(context: CommandContext, invocation: Invocation): Promise<number> {
  const services = await context.services();
  const removed = await removeToken(services.state.tokens(), requiredArgument(invocation));
  await ownerAct(services, 'access.changed', `The token ${removed.name} was removed.`);
  if (context.json) context.out.raw(jsonText({ removed: removed.name }));
  else context.out.line(`The token ${removed.name} opens nothing any more.`);
  return 0;
}

function shown({ hash: _, ...rest }: AccessToken): Shown {
  return rest;
}

export const [addCommand, listCommand, removeCommand] = [{ run: add }, { run: list }, { run: remove }];
