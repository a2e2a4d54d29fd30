/** Pages of docs/ with tables of formulas and functions, and the folders of lib/ that each is about. */
export const PAGES: Record<string, string[]> = {
  "sensing": ["sensing"],
  "streams-and-dictionaries": ["streaming", "dictionary"],
  "linear-networks": ["linear_networks"],
  "tangent-kernels": ["tangent_kernels", "recurrent"],
};

export async function readPage(page: string): Promise<string> {
  return await Deno.readTextFile(new URL(`../../docs/${page}.md`, import.meta.url));
}

/** The program of a page. */
export function programIn(text: string): string {
  return text.match(/```ts\n([\s\S]*?)```/)![1];
}
