/** Links into the notes of a paper. */
import { notesSection, notesSections } from "../../lib/experiment/mod.ts";
import type { SitePaper } from "../content.ts";
import { linkFrom } from "./layout.ts";
import { pathOf } from "./parts.ts";

/** The `id` of a section in the rendered notes. */
export function sectionId(number: string): string {
  return `notes-${number}`;
}

/** For links of claims to the notes of a paper: the address of a section, as seen from a page. */
export function notesLinks(page: string, { slug, notes }: SitePaper): (number: string) => string | undefined {
  const sections = notesSections(notes);
  return (number) => {
    const section = notesSection(sections, number);
    return section && `${linkFrom(page, pathOf.notes(slug))}#${sectionId(section.number)}`;
  };
}
