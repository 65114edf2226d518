'use strict';

/**
 * The only classic script of the map: opens the namespace that folium's generated code calls, loads the modules, and
 * keeps what is asked for until they are there.
 */
(() => {
  if (window.gridmap) return;
  const address = new URL('index.js', document.currentScript.src);
  // All at once: found one by one, each would wait for the module that imports it.
  const MODULES = [
    'address', 'borders', 'canvas_layer', 'changes', 'choropleth', 'closures', 'clusters', 'columns', 'controls', 'datum', 'describe', 'dom',
    'emphasis', 'feed', 'frames', 'geodesy', 'glyphs', 'hazards', 'incidents', 'index', 'labels', 'leaflet', 'link',
    'link_taken', 'map_tiles', 'measure', 'memory', 'menu', 'mercator', 'motion', 'mvt', 'operations', 'paint_tile',
    'patches', 'picture', 'picture_legend', 'playback', 'pointer', 'polyline', 'raster', 'reach', 'routes',
    'segments', 'shape_group', 'sites', 'socket', 'sprites', 'status', 'team_marks', 'teams', 'tile_shapes',
    'tile_source', 'tile_worker', 'time_bar', 'times', 'tooltip', 'topics', 'tracks', 'trails', 'trust', 'units_frame', 'wall', 'zones',
  ];
  MODULES.forEach((name) => {
    const link = document.createElement('link');
    link.rel = 'modulepreload';
    link.href = new URL(`${name}.js`, address).href;
    document.head.append(link);
  });
  const modules = import(address.href);
  let lastOverlay = null;

  // The painter takes a while to come up: it begins while the modules of the map are still on their way.
  const startPainter = () => new Worker(new URL('tile_worker.js', address), {type: 'module'});
  let painter = startPainter();

  window.gridmap = {
    /** The living map, once it lives: for tests and for a look from the browser's console. */
    app: null,
    /** The thread that paints the ground, one for each map. */
    takePainter() {
      const taken = painter ?? startPainter();
      painter = null;
      return taken;
    },
    mount(map, options) {
      modules.then(({mount}) => mount(map, options)).then((app) => {
        this.app = app;
        if (lastOverlay) app.show(lastOverlay);
        repeatMissedRender();
      });
    },
    show(overlay) {
      lastOverlay = overlay;
      if (this.app) this.app.show(overlay);
    },
  };

  // st_folium drops a render that arrives while it is still loading scripts: its overlay would be lost until the next.
  const {Streamlit} = window;
  let lastRender = null;
  if (Streamlit) Streamlit.events.addEventListener(Streamlit.RENDER_EVENT, (event) => { lastRender = event; });

  function repeatMissedRender() {
    const state = window.__GLOBAL_DATA__;
    if (!lastRender || !state || lastRender.detail.args.feature_group === state.last_feature_group) return;
    Streamlit.events.dispatchEvent(new CustomEvent(Streamlit.RENDER_EVENT, {detail: lastRender.detail}));
  }
})();
