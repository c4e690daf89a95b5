/** A process that publishes what is to be published of a project, to be killed at any moment. */
import { createServices } from '../../../src/services.ts';

const [id = ''] = process.argv.slice(2);
const services = await createServices();
await services.publishing.publishWished(id);
await services.close();
