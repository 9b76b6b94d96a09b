// What languages do differently with numbers. The same table as crates/domain/src/format/locale.rs,
// and no Intl: a number must read the same in a table, a chart, an export and on paper.

/** A space that does not break a line. */
export const GAP = "\u00a0";
const NARROW_GAP = "\u202f";

// tag: [group, decimal, digits before the first separator, gap before %, place of the currency]
const TABLE = {
  "en-US": [",", ".", 1, false, "before"],
  "en-GB": [",", ".", 1, false, "before"],
  "de-DE": [".", ",", 1, true, "after"],
  "fr-FR": [NARROW_GAP, ",", 1, true, "after"],
  "es-ES": [".", ",", 2, true, "after"],
  "it-IT": [".", ",", 2, false, "after"],
  "pt-BR": [".", ",", 1, false, "before with gap"],
  "nl-NL": [".", ",", 1, false, "before with gap"],
  "pl-PL": [GAP, ",", 2, false, "after"],
  "sv-SE": [GAP, ",", 1, true, "after"],
  "ja-JP": [",", ".", 1, false, "before"],
  "de-CH": ["\u2019", ".", 1, false, "before with gap"],
};

const LOCALES = Object.entries(TABLE).map(([tag, [group, decimal, groupFrom, percentGap, symbol]]) => ({
  tag, group, decimal, groupFrom, percentGap, symbol, monthFirst: tag === "en-US",
}));

const SYMBOLS = {
  USD: "$", EUR: "€", GBP: "£", JPY: "¥", CNY: "CN¥", INR: "₹", KRW: "₩", BRL: "R$", CAD: "CA$", AUD: "A$", NZD: "NZ$",
  HKD: "HK$", SGD: "S$", MXN: "MX$", PLN: "zł", CZK: "Kč", HUF: "Ft", SEK: "kr", NOK: "kr", DKK: "kr", TRY: "₺", ILS: "₪",
  UAH: "₴", RUB: "₽", VND: "₫", ZAR: "R",
};
const NO_CENTS = new Set(["JPY", "KRW", "VND", "CLP", "ISK", "XAF", "XOF"]);

const language = (tag) => tag.split(/[-_]/)[0].toLowerCase();
const found = new Map();

/** The habits of a language tag, of its language, or else those of en-US. */
export function localeOf(tag = "") {
  let locale = found.get(tag);
  if (!locale) {
    locale =
      LOCALES.find((known) => known.tag.toLowerCase() === tag.toLowerCase()) ??
      LOCALES.find((known) => language(known.tag) === language(tag)) ??
      LOCALES[0];
    found.set(tag, locale);
  }
  return locale;
}

/** How a currency is written, by its ISO 4217 code. */
export const symbolOf = (code) => SYMBOLS[code.toUpperCase()] ?? code;

/** How many digits its smallest coin takes. */
export const minorDigits = (code) => (NO_CENTS.has(code.toUpperCase()) ? 0 : 2);
