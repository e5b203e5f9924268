import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import { showTheme } from './theme.ts';

showTheme();
const page = document.getElementById('page');
if (page !== null) createRoot(page).render(<App />);
