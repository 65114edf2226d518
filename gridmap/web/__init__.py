"""Our HTTP and WebSocket routes, all behind one guard."""
