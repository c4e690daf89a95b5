import { expect, it } from 'vitest';
import { promptText } from '../support/model.ts';
import { MEND_SUM, scenario, sequence } from '../support/scenario.ts';
import { MENDER, tried } from '../support/scripts/trial-script.ts';
import { describePages, expectForEverybody, useBrowser } from './browser.ts';
import { servePages } from './serve-pages.ts';

const WORDS = 'You mend what is broken, and nothing else.';

describePages('personas on the pages', () => {
  const browser = useBrowser();

  it('a persona is made, tried with its cost shown before, and used by a project', async () => {
    const heard: string[] = [];
    const mend = sequence(MEND_SUM);
    const s = await scenario({
      script(turn) {
        heard.push(promptText(turn));
        return promptText(turn).includes('Make add add.') ? mend(turn) : tried(turn);
      },
    });
    await s.worker();
    await s.services.personas.save('mender', MENDER);
    const { link } = await servePages(s, 'owner');
    const shown = await browser.open(link);
    const { page } = shown;
    await shown.to('/personas');
    await page.getByRole('link', { name: 'New one from mender' }).click();
    await page.getByLabel('Name', { exact: true }).fill('fixer');
    const text = page.getByRole('textbox', { name: "Text of the persona's file" });
    await text.getByText('You mend what is broken.').click();
    await page.keyboard.press('End');
    await page.keyboard.press('Shift+Home');
    await page.keyboard.type(WORDS);
    await page.getByText('This is a persona.').waitFor();

    // Before it is saved: what it costs at the most, then really.
    await page.getByText(/^main: about US\$0\.\d+, for some 14 requests to scripted-1$/).waitFor();
    await page.getByLabel('At most, in USD').fill('0.75');
    await page.getByRole('button', { name: 'Try it' }).click();
    await page.getByText(/\$0\.75 at the most/).waitFor();
    await page.getByRole('dialog').getByRole('button', { name: 'Try it' }).click();
    const trial = page.getByRole('listitem').filter({ hasText: /of at most US\$0\.75/ });
    await trial.getByText('completed', { exact: true }).waitFor();
    await trial.getByText('Count pieces, and give the discount: completed').waitFor();
    await trial
      .getByText(/5 turns · US\$0\.\d+ of at most US\$0\.75 .* gate: 1 of 1 checks passed · 2 files changed/)
      .waitFor();
    await expectForEverybody(shown, 'the editor with a trial');
    const [made] = (await s.services.state.listProjects()).projects;
    expect(made).toMatchObject({ trialOf: 'fixer', settings: { budget: 0.75 }, status: 'completed' });
    expect(made?.totalCost).toBeLessThan(0.75);

    await page.getByRole('button', { name: 'Save…' }).click();
    await page.getByRole('dialog').getByText(`+${WORDS}`).waitFor();
    await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
    await page.getByRole('heading', { name: 'Personas' }).waitFor();
    const card = page
      .getByRole('listitem')
      .filter({ has: page.getByRole('link', { name: 'fixer', exact: true }) });
    await card.getByRole('link', { name: 'Use it in a project' }).click();
    await page.getByLabel('Name', { exact: true }).fill('used');
    await page.getByLabel('Task').fill('Make add add.');
    await page.getByLabel('Repository').fill(s.repository.dir);
    await page.getByRole('button', { name: 'Make and start it' }).click();
    // Its own check is about the small repository: here it is red, which proves that it is this persona's gate that runs.
    await page.getByRole('heading', { name: /^used/ }).waitFor();
    await page.getByRole('link', { name: 'Gates' }).click();
    await page.getByText('rounds down').first().waitFor();
    expect(heard.some((words) => words.includes(WORDS))).toBe(true);
    expect(shown.outside).toEqual([]);
    expect(shown.surprises).toEqual([]);
  });

  it('what somebody else saved meanwhile is not undone by who began before, though the page was connected again', async () => {
    const s = await scenario({ script: sequence(MEND_SUM) });
    const { personas } = s.services;
    await personas.save('mender', MENDER);
    const { link, stop, restart } = await servePages(s, 'owner');
    const shown = await browser.open(link);
    const { page } = shown;
    await shown.to('/personas/mender');
    await page.getByLabel('Description', { exact: true }).fill('Mine');
    await stop();
    const theirs = MENDER.replace('You mend what is broken.', 'You mend what others broke.');
    await personas.save('mender', theirs);
    await restart();
    await page.getByText('mender was changed elsewhere since you began.').waitFor();
    await page.getByRole('button', { name: 'Save…' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
    await page.getByText(/The file of mender was changed since you read it/).waitFor();
    const { path } = await personas.load(null, 'mender');
    expect((await personas.text(path)).text).toBe(theirs);
    expect(shown.surprises).toEqual([]);
  });
});
