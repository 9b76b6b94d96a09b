// The one value out of what ECharts hands to a formatter.

/** An object that is neither a list nor a time. */
export const isPlain = (value) =>
  typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Date);

const ABOUT_POINT = new Set(["name", "percent", "seriesName", "axisValue"]);

function dimensionIndex(field, encode, dimensionNames) {
  if (typeof field === "number") return field;
  if (typeof field === "string") return dimensionNames.indexOf(field);
  return (encode.value ?? encode.y ?? encode.x)?.[0] ?? -1;
}

/**
 * Axes and tooltips hand over a bare value, labels of a series an object about the
 * point; `field` names a dimension of it, by name or index, or a property (percent).
 */
export function pick(input, field) {
  if (!isPlain(input)) return input;
  if (ABOUT_POINT.has(field)) return input[field];
  // A property that the point was given beside its value.
  if (typeof field === "string" && field.startsWith("data.")) return input.data?.[field.slice(5)];
  const { value, encode = {}, dimensionNames = [] } = input;
  const index = dimensionIndex(field, encode, dimensionNames);
  if (field === "value" && !Array.isArray(value)) return value;
  if (Array.isArray(value)) return value[index < 0 ? value.length - 1 : index];
  if (isPlain(value)) return value[typeof field === "string" ? field : dimensionNames[index]];
  return value;
}
