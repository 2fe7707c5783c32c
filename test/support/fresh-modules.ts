/** Runs before each test file: the next one in a process has modules of its own, and with them a core. */
import { vi } from "vitest";

vi.resetModules();
vi.unstubAllGlobals();
vi.unstubAllEnvs();
