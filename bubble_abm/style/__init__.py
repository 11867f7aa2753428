"""What page and paper share: colours, names, the look of a figure."""
