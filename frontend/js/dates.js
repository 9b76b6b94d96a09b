// Times as people read them: the rules of crates/domain/src/format/time.rs. A time is shown
// by the clock of its own offset, which is the question's time zone.

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const DAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const ISO = /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2}))?.*)?$/;

const CYCLES = new Set(["hour_of_day", "day_of_week", "month_of_year"]);

const two = (n) => String(n).padStart(2, "0");

// A part of the cycle: hour 13, weekday 1.
function folded(value, grain) {
  const n = /^\s*\d+\s*$/.test(String(value)) ? Number(value) : NaN;
  switch (grain) {
    case "hour_of_day":
      return n < 24 ? `${two(n)}:00` : undefined;
    case "day_of_week":
      return DAYS[n - 1];
    case "month_of_year":
      return MONTHS[n - 1];
    default:
      return undefined;
  }
}

const clocks = new Map();

// What a clock in the zone shows at a moment.
function clock(time, timezone) {
  if (!timezone || timezone === "UTC") {
    const at = new Date(time);
    return [at.getUTCFullYear(), at.getUTCMonth() + 1, at.getUTCDate(), at.getUTCHours(), at.getUTCMinutes(), at.getUTCSeconds()];
  }
  if (!clocks.has(timezone)) {
    const digits = { year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric", second: "numeric" };
    clocks.set(timezone, new Intl.DateTimeFormat("en-US", { ...digits, hourCycle: "h23", timeZone: timezone }));
  }
  const parts = Object.fromEntries(clocks.get(timezone).formatToParts(time).map(({ type, value }) => [type, Number(value)]));
  return [parts.year, parts.month, parts.day, parts.hour, parts.minute, parts.second];
}

// The axis of time hands over milliseconds, everything else text as it is written.
function read(value, timezone) {
  if (value instanceof Date || typeof value === "number") {
    const time = Number(value);
    return Number.isFinite(time) ? clock(time, timezone) : null;
  }
  const parts = ISO.exec(String(value));
  if (!parts || parts[2] < "01" || parts[2] > "12" || parts[3] < "01" || parts[3] > "31") return null;
  return parts.slice(1).map((part) => (part === undefined ? undefined : Number(part)));
}

/** Writes a date, a timestamp or a part of the cycle as finely as its grain; other text stays. */
export function formatTime(value, { grain, timezone }, locale) {
  const name = folded(value, grain);
  if (name !== undefined) return name;
  const moment = CYCLES.has(grain) ? null : read(value, timezone);
  if (!moment) return String(value);
  const [year, month, day, hour, minute = 0, second = 0] = moment;
  const years = String(year).padStart(4, "0");
  const shortDate = locale.monthFirst ? `${MONTHS[month - 1]} ${day}` : `${day} ${MONTHS[month - 1]}`;
  const date = locale.monthFirst ? `${shortDate}, ${years}` : `${shortDate} ${years}`;
  const minutes = `${two(hour ?? 0)}:${two(minute)}`;
  switch (grain ?? (hour === undefined ? "day" : null)) {
    case "year":
      return years;
    case "quarter":
      return `Q${Math.ceil(month / 3)} ${years}`;
    case "month":
      return `${MONTHS[month - 1]} ${years}`;
    case "hour":
    case "minute":
      return `${shortDate}, ${minutes}`;
    case "second":
      return `${shortDate}, ${minutes}:${two(second)}`;
    case null:
      return `${date}, ${minutes}${second ? `:${two(second)}` : ""}`;
    default:
      return date;
  }
}
