// The shapes of the countries, for maps: Natural Earth at 1 : 110 million.

import { feature } from "topojson-client";
import shapes from "world-atlas/countries-110m.json";

// A shape that reaches over the date line comes as one that runs all the way back round the world.
// Drawn on beyond 180 degrees it stays in one piece.
function unrolled(ring) {
  const crosses = ring.some(([lon], i) => i > 0 && Math.abs(lon - ring[i - 1][0]) > 180);
  return crosses ? ring.map(([lon, lat]) => [lon < 0 ? lon + 360 : lon, lat]) : ring;
}

function unroll(geometry) {
  const { type, coordinates } = geometry;
  if (type === "Polygon") geometry.coordinates = coordinates.map(unrolled);
  if (type === "MultiPolygon") geometry.coordinates = coordinates.map((polygon) => polygon.map(unrolled));
}

export function install(echarts) {
  const world = feature(shapes, shapes.objects.countries);
  // No answer is about Antarctica, and it takes a fifth of the map.
  world.features = world.features.filter(({ properties }) => properties.name !== "Antarctica");
  for (const { geometry } of world.features) unroll(geometry);
  echarts.registerMap("world", world);
}
