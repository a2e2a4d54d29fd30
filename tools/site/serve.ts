/** A server of static files, for looking at the site on this machine. */

const TYPES: Record<string, string> = {
  css: "text/css; charset=utf-8",
  gz: "application/gzip",
  html: "text/html; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  json: "application/json",
  svg: "image/svg+xml",
  txt: "text/plain; charset=utf-8",
  woff2: "font/woff2",
};

/**
 * Serves a folder to this machine alone.
 *
 * @param port Port; 0 takes a free one.
 */
export function serve(folder: string, port: number): Deno.HttpServer<Deno.NetAddr> {
  const quiet = { hostname: "127.0.0.1", port, onListen: () => {} };
  return Deno.serve(quiet, async ({ url, method }) => {
    if (method !== "GET" && method !== "HEAD") return new Response("", { status: 405 });
    const path = pathIn(url);
    if (path === undefined) return new Response("Bad request", { status: 400 });
    const extension = /\.(\w+)$/.exec(path)?.[1] ?? "";
    try {
      const { isDirectory } = await Deno.stat(folder + path);
      if (isDirectory) return Response.redirect(new URL(`${path}/`, url));
      const body = method === "HEAD" ? null : await Deno.readFile(folder + path);
      const headers = {
        "content-type": TYPES[extension] ?? "application/octet-stream",
        "cache-control": "no-cache",
      };
      return new Response(body, { headers });
    } catch {
      return new Response("Not found", { status: 404 });
    }
  });
}

/** Throws if the port is in use, before anything is built for it. */
export function requireFree(port: number): void {
  try {
    Deno.listen({ hostname: "127.0.0.1", port }).close();
  } catch (error) {
    if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    throw new Error(`Port ${port} is in use; name another: --serve PORT`);
  }
}

/** The path of a file below the folder, or undefined for an address that is none. */
function pathIn(url: string): string | undefined {
  try {
    const path = decodeURIComponent(new URL(url).pathname);
    if (path.split("/").includes("..") || path.includes("\0")) return undefined;
    return path.endsWith("/") ? `${path}index.html` : path;
  } catch {
    return undefined;
  }
}
