import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Geometry, Position } from 'geojson';
import type { GeometryCollection, Topology } from 'topojson-specification';
import { OperatorMistake } from '../errors.ts';
import type { JsonObject } from '../store/port.ts';

/** A record of the third party, under the third party's own id. */
export interface SourceFeature {
  clientFeatureId: string;
  payload: JsonObject;
}

type Atlas = Topology<Record<'counties' | 'states', GeometryCollection<{ name: string }>>>;

/**
 * The counties of the United States from the npm package us-atlas, under their FIPS ids, in the package's own order.
 * A county's outline, up to 30 KB, is reduced to its bounds in degrees (west, south, east, north) and its size.
 * @throws OperatorMistake where the development dependencies are not installed
 */
export async function readCounties(): Promise<SourceFeature[]> {
  const { atlas, feature } = await load();
  const states = new Map(
    feature(atlas, atlas.objects.states).features.map(({ id, properties }) => [id, properties.name]),
  );
  return feature(atlas, atlas.objects.counties).features.map(({ id, properties, geometry }) => {
    const clientFeatureId = String(id);
    const rings = ringsOf(geometry);
    const points = rings.flat();
    return {
      clientFeatureId,
      payload: {
        name: properties.name,
        state: states.get(clientFeatureId.slice(0, 2)) ?? '',
        bounds: boundsOf(points),
        outline: { rings: rings.length, points: points.length },
      },
    };
  });
}

async function load() {
  try {
    const { feature } = await import('topojson-client');
    const file = fileURLToPath(import.meta.resolve('us-atlas/counties-10m.json'));
    return { feature, atlas: JSON.parse(await readFile(file, 'utf8')) as Atlas };
  } catch {
    throw new OperatorMistake(
      'the demo needs the packages us-atlas, topojson-client and fauxqs, and they are not installed',
      'they are development dependencies: run it in a checkout, after npm ci without --omit=dev',
    );
  }
}

function ringsOf(geometry: Geometry): Position[][] {
  if (geometry.type === 'Polygon') return geometry.coordinates;
  return geometry.type === 'MultiPolygon' ? geometry.coordinates.flat() : [];
}

function boundsOf(points: Position[]): number[] {
  const longitudes = points.map(([longitude = 0]) => longitude);
  const latitudes = points.map(([, latitude = 0]) => latitude);
  return [Math.min(...longitudes), Math.min(...latitudes), Math.max(...longitudes), Math.max(...latitudes)];
}
