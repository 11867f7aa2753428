"""What the page and the paper share: colours, names, the style of figures."""
