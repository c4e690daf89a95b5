import { render } from 'preact';
import { App } from './app/app.tsx';
import { openLive } from './data/live.ts';
import { LiveContext } from './data/use.ts';

const root = document.getElementById('app');
if (root !== null)
  render(
    <LiveContext.Provider value={openLive(root.dataset['live'])}>
      <App />
    </LiveContext.Provider>,
    root,
  );
