/** Which JavaScript engine this is. Nothing here throws: every global may be missing or guarded. */

interface Globals {
  readonly Deno?: { readonly version: { readonly deno: string; readonly v8: string } };
  readonly Bun?: { readonly version: string };
  readonly process?: { readonly versions?: { readonly node?: string; readonly v8?: string } };
  readonly navigator?: { readonly userAgent?: string };
}

/** Name and version: "node 24.1.0 (v8 13.6)", "deno 2.9.6 (v8 15.0)", "bun 1.4.5", "workerd", "browser (chrome 156)". */
export function engine(): string {
  try {
    const { Deno, Bun, process, navigator } = globalThis as Globals;
    if (Deno) return `deno ${Deno.version.deno} (v8 ${majorMinor(Deno.version.v8)})`;
    if (Bun) return `bun ${Bun.version}`;
    // Before node: workerd's compatibility layer has process.versions too.
    if (navigator?.userAgent === "Cloudflare-Workers") return "workerd";
    const versions = process?.versions;
    if (versions?.node) return `node ${versions.node} (v8 ${majorMinor(versions.v8 ?? "unknown")})`;
    if (navigator?.userAgent) return browser(navigator.userAgent);
  } catch {}
  return "unknown";
}

/** Whether programs are downloaded here. */
export function isBrowser(): boolean {
  return engine().startsWith("browser");
}

/** V8's major version, 0 for other engines. Chrome's major is ten times V8's; workerd always runs a current V8. */
export function v8Major(): number {
  const name = engine();
  const v8 = /\(v8 (\d+)/.exec(name)?.[1];
  if (v8 !== undefined) return Number(v8);
  const chrome = /\(chrome (\d+)/.exec(name)?.[1];
  if (chrome !== undefined) return Math.floor(Number(chrome) / 10);
  return name === "workerd" ? 13 : 0;
}

function majorMinor(version: string): string {
  return version.split(".", 2).join(".");
}

/** Chrome's user agent says Safari too, so the order decides. */
function browser(userAgent: string): string {
  const found = /(Chrome|Firefox)\/(\d+)/.exec(userAgent) ?? /(Version)\/(\d+).* Safari\//.exec(userAgent);
  if (!found) return "browser";
  return `browser (${found[1] === "Version" ? "safari" : found[1]?.toLowerCase()} ${found[2]})`;
}
