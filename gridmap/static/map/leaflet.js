/** Leaflet as a module: st_folium loads it as a classic script before anything else. */
export const {L} = window;
