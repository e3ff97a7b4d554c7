// Numbers and times as people read them.

/** 0.4 ms, 12 ms, 1.25 s. */
export function duration(ms) {
  if (ms === null || ms === undefined) return "";
  if (ms < 10) return `${ms.toFixed(1)} ms`;
  if (ms < 1000) return `${Math.round(ms)} ms`;
  return `${(ms / 1000).toFixed(2)} s`;
}

/** 17 B, 3.2 KiB. */
export function size(bytes) {
  if (bytes < 1024) return `${bytes} B`;
  if (bytes < 1024 * 1024) return `${(bytes / 1024).toFixed(1)} KiB`;
  return `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
}

/** 16:04:31, of seconds since the epoch. */
export function clock(seconds, withMilliseconds = false) {
  const date = new Date(seconds * 1000);
  const text = date.toLocaleTimeString(undefined, { hour12: false });
  return withMilliseconds ? `${text}.${String(date.getMilliseconds()).padStart(3, "0")}` : text;
}

/** The class that tells a status apart: good, moved, warn or bad. */
export function tone(status) {
  if (status === null || status === undefined) return "none";
  if (status >= 500) return "bad";
  if (status >= 400) return "warn";
  return status >= 300 ? "moved" : "good";
}

/** 1 request, 2 requests. */
export function count(number, noun) {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
