'use strict';

/**
 * The only classic script of the map: opens the namespace that folium's generated code calls, loads the modules, and
 * keeps what is asked for until they are there.
 */
(() => {
  if (window.gridmap) return;
  const address = new URL('index.js', document.currentScript.src);
  // The version of the whole folder rides along, so that a browser never mixes modules of two releases.
  address.search = new URL(document.currentScript.src).search;
  const modules = import(address.href);
  let lastOverlay = null;

  window.gridmap = {
    /** The living map, once it lives: for tests and for a look from the browser's console. */
    app: null,
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
