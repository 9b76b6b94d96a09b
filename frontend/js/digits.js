// A number as decimal digits: 0.d1d2d3… × 10^point. Rounding happens on what people typed
// (1.005 to two places is 1.01), and numbers that came as text lose nothing.

const DECIMAL = /^([-+]?)(\d*)(?:\.(\d*))?(?:e([-+]?\d+))?$/i;

export class Digits {
  constructor(negative, digits, point) {
    const trimmed = digits.replace(/^0+/, "");
    this.point = point - (digits.length - trimmed.length);
    this.digits = trimmed.replace(/0+$/, "");
    this.negative = negative && this.digits !== "";
    if (this.digits === "") this.point = 0;
  }

  /** The digits of a finite number or of decimal text, else null. */
  static of(value) {
    const parts = DECIMAL.exec(String(value).trim());
    if (!parts) return null;
    const [, sign, whole, fraction = "", exponent = "0"] = parts;
    if (whole + fraction === "") return null;
    const digits = whole + fraction;
    // Text comes from a database and may be anything; nobody reads a number of 400 digits.
    if (digits.length > 400 || Math.abs(Number(exponent)) > 400) return null;
    return new Digits(sign === "-", digits, whole.length + Number(exponent));
  }

  get isZero() {
    return this.digits === "";
  }

  get isInteger() {
    return this.digits.length <= Math.max(this.point, 0);
  }

  /** Times ten to the power of `by`. */
  shifted(by) {
    return this.isZero ? this : new Digits(this.negative, this.digits, this.point + by);
  }

  /** Rounded to so many places after the point, halves away from zero. */
  rounded(places) {
    const keep = this.point + places;
    if (keep >= this.digits.length) return this;
    if (keep < 0) return new Digits(false, "", 0);
    const kept = this.digits.slice(0, keep);
    if (this.digits[keep] < "5") return new Digits(this.negative, kept, this.point);
    const up = String(BigInt(kept || "0") + 1n).padStart(keep, "0");
    return new Digits(this.negative, up, this.point + up.length - keep);
  }

  /** What stands before and after the point, at least `places` after it. */
  written(places) {
    const whole = this.digits.slice(0, Math.max(this.point, 0)).padEnd(this.point, "0") || "0";
    const fraction = "0".repeat(Math.max(-this.point, 0)) + this.digits.slice(Math.max(this.point, 0));
    return [whole, (this.isInteger ? "" : fraction).padEnd(places, "0")];
  }
}
