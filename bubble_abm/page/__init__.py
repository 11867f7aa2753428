"""The browser page: the bubble month by month, its twin without the shock, and every parameter to try."""
