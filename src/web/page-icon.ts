/** Where the sign of the page is, under the name that the build gave it. */
export const pageIcon = new URL('./icon.svg', import.meta.url).href;
