/** Repositories at GitHub and GitLab: `df forge add|list|remove|set-token`. */

import { checkedKey } from '../../../../factory/finance/providers/key-choice.ts';
import { ownerAct } from '../../../../factory/lifecycle/owner-act.ts';
import { type ForgeConfig, forgeKind, keyOwner } from '../../../../factory/model/forge/forge.ts';
import { isWatched } from '../../../../factory/model/forge/publication.ts';
import type { ForgeRepository } from '../../../../factory/ports.ts';
import {
  addForge,
  changeForge,
  findForge,
  forgeIdOf,
  newForge,
  otherApi,
  proveForge,
  removeForge,
  withoutPause,
} from '../../../../factory/publishing/forges.ts';
import { isFailure, usageError } from '../../../../lib/failure.ts';
import type { Services } from '../../../../services.ts';
import type { CommandContext } from '../../framework/context.ts';
import { flagOption, type Invocation, requiredArgument, textOption } from '../../framework/options.ts';
import { parseChoice } from '../../framework/parse.ts';
import { readStdin } from '../../framework/text-input.ts';
import { dim, formatMoment, jsonText, yellow } from '../../render/output.ts';
import { table } from '../../render/table.ts';

async function add(context: CommandContext, invocation: Invocation): Promise<number> {
  const services = await context.services();
  const text = (name: string) => textOption(invocation, name);
  const order = {
    kind: parseChoice('--kind', text('kind') ?? '', forgeKind.options),
    repository: text('repo')?.trim() ?? '',
    ...{ url: text('url'), id: text('id') },
  };
  const id = forgeIdOf(order);
  // Before anything is asked for: what stands on the command line must be right.
  addForge(await services.state.forges().get(), newForge(order, '', services.clock.now()));
  const token = await readToken(context, invocation, services, id);
  const unproved = newForge(order, token, services.clock.now());
  const forge = await proved(context, invocation, services, unproved);
  await services.home.prepare();
  await services.state.forges().update((file) => addForge(file, forge));
  const message = `The forge ${id} was added: ${forge.repository} at ${forge.url}.`;
  await ownerAct(services, 'forge.changed', message, { forge: id });
  return show(context, services, forge, `${forge.repository} at ${forge.url} is known as ${id}.`);
}

async function list(context: CommandContext): Promise<number> {
  const services = await context.services();
  const { forges } = await services.state.forges().get();
  const views = await Promise.all(forges.map((each) => shown(services, each)));
  if (context.json) context.out.raw(jsonText(views));
  else if (views.length === 0)
    context.out.line(
      `There are no forges. Add one with: ${context.program} forge add --kind github --repo OWNER/NAME --token-env VARIABLE`,
    );
  else
    context.out.line(
      table(
        [
          { head: 'id' },
          { head: 'kind', spare: 1 },
          { head: 'repository', wraps: true },
          { head: 'address', spare: 3 },
          { head: 'token', spare: 2 },
          { head: 'proved', wraps: true },
          { head: 'now', wraps: true },
        ],
        views.map((each) => [
          ...[each.id, each.kind, each.repository, each.url, each.token],
          each.provedAt === undefined ? yellow('not yet') : dim(formatMoment(each.provedAt)),
          each.pause === undefined
            ? 'answers'
            : yellow(`${each.pause.refused ? 'refuses' : 'waits'}: ${each.pause.why}`),
        ]),
        context.out,
      ),
    );
  return 0;
}

async function remove(context: CommandContext, invocation: Invocation): Promise<number> {
  const services = await context.services();
  const id = requiredArgument(invocation);
  await services.state.forges().update((file) => removeForge(file, id));
  await ownerAct(services, 'forge.changed', `The forge ${id} was removed.`, { forge: id });
  for (const what of await usesOf(services, id)) context.err.line([yellow('warning:'), ` ${what}`]);
  if (context.json) context.out.raw(jsonText({ removed: id }));
  else
    context.out.line(
      `The forge ${id} and its token are forgotten here. Revoke the token there if nobody else needs it.`,
    );
  return 0;
}

/** What goes on naming a forge that is not there any more. */
async function usesOf({ config, state }: Services, id: string): Promise<string[]> {
  const taken = config.intake.filter(({ forge }) => forge === id).map(({ label }) => label);
  const { projects } = await state.listProjects();
  const watched = projects.filter((each) => each.publication?.forge === id && isWatched(each));
  return [
    ...(taken.length === 0
      ? []
      : [`intake in config.yaml still asks it for issues (${taken.join(', ')}): take that out as well.`]),
    ...watched.map(({ name }) => `The pull request of ${name} is watched no more.`),
  ];
}

async function setToken(context: CommandContext, invocation: Invocation): Promise<number> {
  const services = await context.services();
  const id = requiredArgument(invocation);
  const before = findForge(await services.state.forges().get(), id);
  const token = await readToken(context, invocation, services, id);
  // What the old one was refused for counts no more.
  const { provedAt: _, ...rest } = withoutPause(before);
  const forge = await proved(context, invocation, services, { ...rest, token });
  await services.state.forges().update((file) => changeForge(file, id, () => forge));
  await ownerAct(services, 'forge.changed', `The forge ${id} got another token.`, { forge: id });
  return show(context, services, forge, `The forge ${id} has its new token.`);
}

/** @returns the forge as it is to be kept, with the name that its repository has by now */
async function proved(
  { err }: CommandContext,
  invocation: Invocation,
  services: Services,
  given: ForgeConfig,
): Promise<ForgeConfig> {
  try {
    const { forge, found } = await prove(services, given);
    if (found.name !== forge.repository)
      err.line([
        yellow('warning:'),
        ` ${forge.repository} is called ${found.name} there; that name is kept.`,
      ]);
    const formerly = found.name === forge.repository ? [] : [forge.repository];
    return {
      ...forge,
      ...{ repository: found.name, formerly: [...forge.formerly, ...formerly] },
      provedAt: services.clock.now(),
    };
  } catch (error) {
    if (!isFailure(error, 'forge_away')) throw error;
    if (!flagOption(invocation, 'unproved'))
      throw usageError(
        'forge_unproved',
        `${error.message}, so the token could not be proved`,
        'Nothing was saved. Try again, or keep it as it is with --unproved.',
      );
    err.line([
      yellow('warning:'),
      ` ${error.message}. It is kept all the same, and its token is NOT PROVED.`,
    ]);
    return given;
  }
}

async function prove(
  { openForge }: Services,
  forge: ForgeConfig,
): Promise<{ forge: ForgeConfig; found: ForgeRepository }> {
  const at = async (each: ForgeConfig) => ({
    forge: each,
    found: await proveForge(await openForge(each), each.id),
  });
  try {
    return await at(forge);
  } catch (error) {
    const other = isFailure(error, 'forge_not_found') ? otherApi(forge) : null;
    if (other === null) throw error;
    // Where it is nowhere, the first place is the one to be told of.
    return at(other).catch(() => Promise.reject(error));
  }
}

async function readToken(
  context: CommandContext,
  invocation: Invocation,
  { home, vault }: Services,
  id: string,
): Promise<string> {
  const variable = textOption(invocation, 'tokenEnv');
  const fromStdin = flagOption(invocation, 'tokenStdin');
  if ((variable === undefined) === !fromStdin)
    throw usageError(
      'token_missing',
      variable === undefined ? 'There is no token' : 'The token is given in two ways',
      'Nothing was saved. Give --token-env VARIABLE or --token-stdin.',
    );
  const choice = checkedKey(
    variable === undefined
      ? { kind: 'sealed', key: await readStdin('--token-stdin', context.stdin) }
      : { kind: 'environment', variable },
    { key: 'token', option: '--token-env', example: 'GITHUB_TOKEN' },
  );
  await home.prepare();
  const stored = choice.kind === 'sealed' ? await vault.seal(keyOwner(id), choice.key) : `env:${variable}`;
  // Throws where the variable holds nothing.
  await vault.open(keyOwner(id), stored);
  return stored;
}

async function shown({ vault }: Services, forge: ForgeConfig) {
  // A token that cannot be read any more must not hide the others.
  const token = await vault.hint(keyOwner(forge.id), forge.token).catch(() => 'unreadable');
  return { ...forge, token };
}

async function show(
  context: CommandContext,
  services: Services,
  forge: ForgeConfig,
  said: string,
): Promise<number> {
  if (context.json) context.out.raw(jsonText(await shown(services, forge)));
  else context.out.line(said);
  return 0;
}

export const [addCommand, listCommand, removeCommand, setTokenCommand] = [
  { run: add },
  { run: list },
  { run: remove },
  { run: setToken },
];
