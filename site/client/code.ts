/** Where the bundled programs are: the folder `code/` of the site, whichever file of it this has become part of. */
const own = import.meta.url;

/** The folder `code/` of the site; ends in a slash. */
export const codeFolder = new URL(own.slice(0, own.lastIndexOf("/code/") + "/code/".length));
