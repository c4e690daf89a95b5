import { eachSandbox } from '../sandbox/each-sandbox.ts';
import { sandboxContract } from './sandbox.suite.ts';

eachSandbox(sandboxContract);
