/** What formulas need in a browser: KaTeX's style sheet and its fonts, which a page loads when it has formulas. */
import aMSRegular from "katex/dist/fonts/KaTeX_AMS-Regular.woff2" with { type: "bytes" };
import caligraphicBold from "katex/dist/fonts/KaTeX_Caligraphic-Bold.woff2" with { type: "bytes" };
import caligraphicRegular from "katex/dist/fonts/KaTeX_Caligraphic-Regular.woff2" with { type: "bytes" };
import frakturBold from "katex/dist/fonts/KaTeX_Fraktur-Bold.woff2" with { type: "bytes" };
import frakturRegular from "katex/dist/fonts/KaTeX_Fraktur-Regular.woff2" with { type: "bytes" };
import mainBold from "katex/dist/fonts/KaTeX_Main-Bold.woff2" with { type: "bytes" };
import mainBoldItalic from "katex/dist/fonts/KaTeX_Main-BoldItalic.woff2" with { type: "bytes" };
import mainItalic from "katex/dist/fonts/KaTeX_Main-Italic.woff2" with { type: "bytes" };
import mainRegular from "katex/dist/fonts/KaTeX_Main-Regular.woff2" with { type: "bytes" };
import mathBoldItalic from "katex/dist/fonts/KaTeX_Math-BoldItalic.woff2" with { type: "bytes" };
import mathItalic from "katex/dist/fonts/KaTeX_Math-Italic.woff2" with { type: "bytes" };
import sansSerifBold from "katex/dist/fonts/KaTeX_SansSerif-Bold.woff2" with { type: "bytes" };
import sansSerifItalic from "katex/dist/fonts/KaTeX_SansSerif-Italic.woff2" with { type: "bytes" };
import sansSerifRegular from "katex/dist/fonts/KaTeX_SansSerif-Regular.woff2" with { type: "bytes" };
import scriptRegular from "katex/dist/fonts/KaTeX_Script-Regular.woff2" with { type: "bytes" };
import size1Regular from "katex/dist/fonts/KaTeX_Size1-Regular.woff2" with { type: "bytes" };
import size2Regular from "katex/dist/fonts/KaTeX_Size2-Regular.woff2" with { type: "bytes" };
import size3Regular from "katex/dist/fonts/KaTeX_Size3-Regular.woff2" with { type: "bytes" };
import size4Regular from "katex/dist/fonts/KaTeX_Size4-Regular.woff2" with { type: "bytes" };
import typewriterRegular from "katex/dist/fonts/KaTeX_Typewriter-Regular.woff2" with { type: "bytes" };
import style from "katex/dist/katex.min.css" with { type: "text" };

/** The style sheet. It names each font in three formats; browsers of this site know the first. */
export const formulaStyle = style.replace(/,url\([^)]*\.(?:woff|ttf)\) format\("\w+"\)/g, "");

/** The fonts, by their paths beside the style sheet. */
export const formulaFonts: ReadonlyMap<string, Uint8Array<ArrayBuffer>> = new Map([
  ["fonts/KaTeX_AMS-Regular.woff2", aMSRegular],
  ["fonts/KaTeX_Caligraphic-Bold.woff2", caligraphicBold],
  ["fonts/KaTeX_Caligraphic-Regular.woff2", caligraphicRegular],
  ["fonts/KaTeX_Fraktur-Bold.woff2", frakturBold],
  ["fonts/KaTeX_Fraktur-Regular.woff2", frakturRegular],
  ["fonts/KaTeX_Main-Bold.woff2", mainBold],
  ["fonts/KaTeX_Main-BoldItalic.woff2", mainBoldItalic],
  ["fonts/KaTeX_Main-Italic.woff2", mainItalic],
  ["fonts/KaTeX_Main-Regular.woff2", mainRegular],
  ["fonts/KaTeX_Math-BoldItalic.woff2", mathBoldItalic],
  ["fonts/KaTeX_Math-Italic.woff2", mathItalic],
  ["fonts/KaTeX_SansSerif-Bold.woff2", sansSerifBold],
  ["fonts/KaTeX_SansSerif-Italic.woff2", sansSerifItalic],
  ["fonts/KaTeX_SansSerif-Regular.woff2", sansSerifRegular],
  ["fonts/KaTeX_Script-Regular.woff2", scriptRegular],
  ["fonts/KaTeX_Size1-Regular.woff2", size1Regular],
  ["fonts/KaTeX_Size2-Regular.woff2", size2Regular],
  ["fonts/KaTeX_Size3-Regular.woff2", size3Regular],
  ["fonts/KaTeX_Size4-Regular.woff2", size4Regular],
  ["fonts/KaTeX_Typewriter-Regular.woff2", typewriterRegular],
]);
