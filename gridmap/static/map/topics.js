/** Which topics of the data each table and each tile layer is made from: a change of one makes them old. */

const TOPICS = {
  tiles: {base: ['basemap', 'roads'], areas: ['areas'], rail: ['rail']},
  tables: {
    areas: ['areas'],
    cells: ['areas', 'units'],
    units: ['areas', 'units'],
    segments: ['rail', 'patrols', 'areas'],
    stations: ['rail'],
    hazards: ['hazards', 'areas'],
    incidents: ['incidents', 'areas'],
    closures: ['closures', 'roads', 'areas'],
    sites: ['networks', 'areas'],
    teams: ['teams'],
  },
};
export const TABLES = Object.keys(TOPICS.tables);

/**
 * Revisions of the topics of a tile layer or table as one word for its address.
 * @param {'tiles'|'tables'} group
 * @param {Object<string, number>} revisions by topic
 */
export function joinRevisions(group, name, revisions) {
  return TOPICS[group][name].map((topic) => revisions[topic] ?? 0).join('.');
}

/** Address of a table at the revisions known. */
export function tablePath(name, revisions) {
  return `/layers/${name}.bin?r=${joinRevisions('tables', name, revisions)}`;
}
