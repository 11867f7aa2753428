"""Who there is: one file per kind of agent, with its columns and its decisions."""
