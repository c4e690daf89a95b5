/** A process that sets the cap of a tree and kills itself at one of its writes. Orders come as JSON in argv. */
import { setBudget } from '../../../src/factory/decisions/budget/set-budget.ts';
import type { Project } from '../../../src/factory/model/project.ts';
import type { DocumentStore } from '../../../src/factory/ports.ts';
import { openStore } from '../../state/samples.ts';

export interface BudgetOrders {
  home: string;
  id: string;
  budget: number;
  /** Which write of a project's document, from 0: just before it, under its lock, or just after. Missing: none. */
  kill?: { write: number; moment: 'before' | 'after' };
}

const { home, id, budget, kill }: BudgetOrders = JSON.parse(process.argv[2] ?? '{}');
const { store } = openStore(home);
let writes = 0;

function dieAt(moment: 'before' | 'after'): void {
  if (kill?.write === writes && kill.moment === moment) process.kill(process.pid, 'SIGKILL');
}

function killing(project: DocumentStore<Project>): DocumentStore<Project> {
  return {
    get: () => project.get(),
    later: (change) => project.later(change),
    async update(change) {
      const done = await project.update((current) => {
        dieAt('before');
        return change(current);
      });
      dieAt('after');
      writes += 1;
      return done;
    },
  };
}

await setBudget({ ...store, project: (each) => killing(store.project(each)) }, id, budget, new Date());
process.stdout.write(String(writes));
